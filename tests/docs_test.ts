import assert from "node:assert/strict";
import { createApp } from "../src/app.ts";
import { createTestApp } from "./harness.ts";

const pages = new Map<string, string>([["README.md", await Deno.readTextFile("README.md")]]);
for (const { name } of Deno.readDirSync("docs")) {
  pages.set(`docs/${name}`, await Deno.readTextFile(`docs/${name}`));
}

/** A page without its blocks of code, by paragraphs. */
const prose = (text: string) =>
  text.replace(/^ *```[\s\S]*?^ *```$/gm, "").split(/\n\n+/).map((part) => part.replace(/\s+/g, " "));

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

Deno.test("no page has a block that is not closed, or is left from a merge", () => {
  assert.ok(pages.size > 10);
  for (const [name, text] of pages) {
    assert.equal((text.match(/^ *```/gm) ?? []).length % 2, 0, `${name}: an open block of code`);
    assert.doesNotMatch(text, /<{7}|={7}$|>{7}/m, name);
    assert.ok(prose(text).every((part) => !/^> *[<>]/.test(part)), `${name}: an example outside of a block`);
  }
});

Deno.test("no page says a sentence twice", () => {
  for (const [name, text] of pages) {
    const seen = new Set<string>();
    const written = prose(text.replace(/^\|.*$/gm, "")); // rows of a table may be alike
    for (const sentence of written.flatMap((part) => part.split(/(?<=[.;]) /))) {
      if (sentence.split(" ").length < 8) continue;
      assert.ok(!seen.has(sentence), `${name} says twice: ${sentence}`);
      seen.add(sentence);
    }
  }
});

Deno.test("every link between pages leads somewhere", async () => {
  const slug = (heading: string) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").trim().replaceAll(" ", "-");
  for (const [name, text] of pages) {
    for (const [, target = ""] of text.matchAll(/\]\((?!\w+:)([^)]+)\)/g)) {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? name : new URL(path, `file:///${name}`).pathname.slice(1);
      assert.ok(await exists(file), `${name} leads to ${target}`);
      if (anchor === undefined) continue;
      const headings = [...(pages.get(file) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, all = ""]) => slug(all));
      assert.ok(headings.includes(anchor), `${name} leads to ${target}`);
    }
  }
});

Deno.test("every route has its place in the docs", async () => {
  await using app = await createTestApp();
  const all = [...pages.values()].join("\n").replace(/\/(?:…|[A-Z][A-Z_]*(?=[^\w]|$))/gm, "/:");
  const { routes } = createApp(app.services, () => Promise.resolve(true));
  const missing = new Set<string>();
  for (const { path } of routes) {
    const named = path.replace(/:\w+(\{.*\})?/g, ":").replace(/\/\*?$/, "");
    const parts = named.split("/");
    const ends = parts.slice(2, -1).map((_, i) => `…/${parts.slice(i + 2).join("/")}`); // as in `…/STORE/undo`
    if (named !== "" && ![named, ...ends].some((text) => all.includes(text))) missing.add(path);
  }
  assert.ok(routes.length > 100);
  assert.deepEqual([...missing], []);
});

Deno.test("docs/architecture.md has every room, with every edge and store, and names no file that is not there", () => {
  const page = pages.get("docs/architecture.md") ?? "";
  const rows = page.split("\n").filter((line) => /^\| `/.test(line));
  const rooms = rows.map((row) => row.split("`")[1] ?? "");
  for (const { name, isDirectory } of Deno.readDirSync("src")) {
    if (!isDirectory || name === "settings") continue;
    const listed = rooms.includes(name) || new RegExp(`^  ${name}/ `, "m").test(page);
    assert.ok(listed, `src/${name} is not in docs/architecture.md`);
  }
  for (const [i, row] of rows.entries()) {
    const files = [...Deno.readDirSync(`src/${rooms[i]}`)].map(({ name }) => name.replace(/\.tsx?$/, ""));
    const named = [...row.split("|").slice(3).join("|").matchAll(/`([a-z_]+)`/g)].map(([, name = ""]) =>
      name
    );
    assert.deepEqual(named.filter((name) => !files.includes(name) && name !== "mod_invites"), [], row);
    const edges = files.filter((name) => /(^|_)(routes|stanzas|commands|page|store)$/.test(name));
    assert.deepEqual(edges.filter((name) => !named.includes(name)), [], `of ${rooms[i]}`);
  }
});

Deno.test("no page names a test that is not there", async () => {
  const tests = await Array.fromAsync(files("tests"));
  const named = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/`(?:tests\/)?([\w/]+_test\.tsx?)`/g)].map(([, name = ""]) => [page, name] as const)
  );
  assert.ok(named.length > 50, `${named.length}`);
  for (const [page, name] of named) {
    assert.ok(tests.some((path) => path.endsWith(`/${name}`)), `${page}: ${name}`);
  }
});

async function* files(dir: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (isDirectory) yield* files(`${dir}/${name}`);
    else yield `${dir}/${name}`;
  }
}
