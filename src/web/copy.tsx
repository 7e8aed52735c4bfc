import type { Words } from "./language.ts";

/** Shows what only a browser with JavaScript can do, and does it. The words are the page's. */
export const copyScript = `
for(const b of document.querySelectorAll("[data-copy]"))if(navigator.clipboard){b.hidden=false;
b.onclick=()=>navigator.clipboard.writeText(document.getElementById(b.dataset.copy).textContent)
.then(()=>{document.getElementById("said").textContent=b.dataset.done})}`.replaceAll("\n", "");

/** Copies the text of the element with this `id`; needs {@linkcode copyScript} and {@linkcode Said} in the page. */
export const CopyButton = ({ of, words }: { of: string; words: Words["landing"] }) => (
  <button class="second copy" type="button" data-copy={of} data-done={words.copied} hidden>
    {words.copy}
  </button>
);

/** Where it is said that something was copied. */
export const Said = () => <p class="soft" id="said" role="status"></p>;
