import assert from "node:assert/strict";

async function* files(dir: string, ending: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    if (isDirectory) yield* files(path, ending);
    else if (name.endsWith(ending)) yield path;
  }
}

const pages = [...(await Array.fromAsync(files("docs", ".md"))), "README.md"];

Deno.test("every test that a document names is there", async () => {
  const tests = await Array.fromAsync(files("tests", ".ts"));
  let seen = 0;
  for (const page of pages) {
    const text = await Deno.readTextFile(page);
    for (const [, name = ""] of text.matchAll(/`(?:tests\/)?([\w/]+_test\.tsx?)`/g)) {
      assert.ok(tests.some((path) => path.endsWith(`/${name}`)), `${page}: ${name}`);
      seen++;
    }
  }
  assert.ok(seen > 50, `${seen}`);
});

/** As GitHub makes it of a heading. */
const anchor = (heading: string) =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");

Deno.test("every link between documents leads somewhere, and no heading stands twice in one", async () => {
  const anchors = new Map<string, string[]>();
  for (const page of pages) {
    const text = (await Deno.readTextFile(page)).replace(/^```[\s\S]*?^```/gm, "");
    anchors.set(page, [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchor(heading)));
  }
  let seen = 0;
  for (const page of pages) {
    const own = anchors.get(page) ?? [];
    assert.deepEqual(own.filter((name, i) => own.indexOf(name) !== i), [], page);
    const folder = page.slice(0, page.lastIndexOf("/") + 1);
    for (const [, target = ""] of (await Deno.readTextFile(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", part] = target.split("#");
      const file = path === "" ? page : new URL(path, `file:///${folder}`).pathname.slice(1);
      assert.ok(await Deno.stat(file).then(() => true, () => false), `${page}: ${target}`);
      if (part !== undefined) assert.ok(anchors.get(file)?.includes(part), `${page}: ${target}`);
      seen++;
    }
  }
  assert.ok(seen > 20, `${seen}`);
});
