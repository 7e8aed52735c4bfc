/** What goes into a hole: a text, which is escaped, or what is HTML already. */
export type Filling = string | { readonly html: string };
/** A page that was rendered once, and is filled as often as somebody asks for it. */
export type Template<Name extends string> = (values: Readonly<Record<Name, Filling>>) => string;

const open = "\u{E000}"; // private use: in no name that anybody has, and escaped by nobody
const close = "\u{E001}";

/**
 * Renders a page once, with holes for what differs from one time to the next: most of a page is the same, and
 * rendering it is most of the work.
 * @param render is given a text for each hole, which it puts wherever the value is to stand
 */
export function makeTemplate<Name extends string>(
  names: readonly Name[],
  render: (holes: Readonly<Record<Name, string>>) => { toString(): unknown },
): Template<Name> {
  const holes = Object.fromEntries(names.map((name) => [name, `${open}${name}${close}`]));
  const [first = "", ...rest] = String(render(holes as Record<Name, string>)).split(open);
  const parts = rest.map((part) => {
    const end = part.indexOf(close);
    return { name: part.slice(0, end) as Name, text: part.slice(end + 1) };
  });
  return (values) => {
    let page = first;
    for (const { name, text } of parts) page += fill(values[name]) + text;
    return page;
  };
}

const fill = (value: Filling): string => typeof value === "string" ? escapeHtml(value) : value.html;

const special = /[&<>"']/;

/** For text and for attributes in quotes. */
export const escapeHtml = (text: string): string =>
  special.test(text) ? text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`) : text;
