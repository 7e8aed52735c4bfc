// @ts-types="npm:@types/xmpp__xml@0.14.0"
import xml, { type Element, Parser } from "@xmpp/xml";
import { type Problem, type ProblemCode, problems } from "../core/problem.ts";
import { StreamError } from "./framing.ts";

export { type Element, xml };

/** The namespace of what Couplet and Prosody's modules say to each other beside RFC 6120 and 6121. */
export const controlNs = "urn:couplet:control:1";
const stanzasNs = "urn:ietf:params:xml:ns:xmpp-stanzas";
const streamsNs = "urn:ietf:params:xml:ns:xmpp-streams";

const deepest = 64;
// XML 1.0, 2.2: what may not stand in a document at all. A lone surrogate cannot come out of UTF-8.
// deno-lint-ignore no-control-regex
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const reference = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/;
const attribute = /\s([^\s=/>]+)\s*=\s*(?:"[^"]*"|'[^']*')/g;

/**
 * One line as one element. The parser checks neither depth nor what RFC 6120, 11.1 forbids: that is done here.
 * @throws StreamError if it is not one well-formed element, or uses what is forbidden
 */
export function parseStanza(line: string): Element {
  checkMarkup(line);
  const parser = new Parser();
  let root: Element | undefined;
  let done = false;
  let fault: unknown;
  parser.on("start", (element: Element) => root = element);
  parser.on("element", (element: Element) => root?.append(element));
  parser.on("end", () => done = true);
  parser.on("error", (error: unknown) => fault ??= error);
  try {
    parser.write(line);
  } catch (error) {
    fault ??= error;
  }
  if (fault !== undefined || root === undefined || !done) {
    throw new StreamError("not-well-formed", "A line must be one well-formed stanza.");
  }
  return root;
}

/** Walks over the tags: depth, one root, nothing but elements and text, no attribute twice, no prefix unbound. */
function checkMarkup(line: string): void {
  const malformed = (detail: string) => new StreamError("not-well-formed", detail);
  let depth = 0;
  let at = line.indexOf("<");
  if (line.slice(0, Math.max(at, 0)).trim() !== "") throw malformed("Text stands before the stanza.");
  while (at >= 0) {
    const next = line[at + 1];
    if (next === "!" || next === "?") {
      throw new StreamError("restricted-xml", "Comments, DOCTYPEs, CDATA and instructions are not allowed.");
    }
    const end = tagEnd(line, at + 1);
    if (end < 0) throw malformed("A tag does not end.");
    const tag = line.slice(at + 1, end);
    checkTag(tag);
    if (next === "/") depth--;
    else if (!tag.endsWith("/")) depth++;
    if (depth > deepest) {
      throw new StreamError("policy-violation", `Elements may be ${deepest} levels deep at most.`);
    }
    at = line.indexOf("<", end);
    if (depth === 0 && (at >= 0 || line.slice(end + 1).trim() !== "")) {
      throw malformed("A line must hold one stanza and nothing else.");
    }
  }
  if (notXml.test(line) || reference.test(line)) {
    throw malformed("A stanza must not hold control characters or unknown entities.");
  }
}

/** Where the tag that begins before `from` ends: the first `>` outside of quotes. */
function tagEnd(line: string, from: number): number {
  let quote = "";
  for (let i = from; i < line.length; i++) {
    const char = line[i] as string;
    if (quote !== "") {
      if (char === "<") return -1;
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ">") return i;
    else if (char === "<") return -1;
  }
  return -1;
}

function checkTag(tag: string): void {
  const names = new Set<string>();
  for (const [, name = ""] of tag.matchAll(attribute)) {
    if (names.has(name)) {
      throw new StreamError("not-well-formed", `The attribute ${name} stands there twice.`);
    }
    names.add(name);
  }
  const prefixed = [/^\/?([^\s/>]*)/.exec(tag)?.[1] ?? "", ...names].find((name) =>
    name.includes(":") && !name.startsWith("xml:") && !name.startsWith("xmlns:")
  );
  if (prefixed !== undefined && !names.has(`xmlns:${prefixed.split(":")[0]}`)) {
    throw new StreamError("bad-namespace-prefix", `The prefix of ${prefixed} is not bound.`);
  }
}

/** An element as one line, without the newline; text that XML cannot hold loses those characters. */
export function serialiseStanza(element: Element): string {
  const text = element.toString();
  return text.replace(/[\r\n]/g, (char) => char === "\n" ? "&#10;" : "&#13;")
    .replace(new RegExp(notXml, "g"), "\ufffd").toWellFormed();
}

/** A child in RFC 6120's way of saying what is wrong (8.3). */
export function errorElement(problem: Problem): Element {
  const [type, condition] = problems[problem.code].stanza;
  return xml(
    "error",
    { type },
    xml(condition, { xmlns: stanzasNs }),
    xml("text", { xmlns: stanzasNs }, problem.detail),
    xml("problem", { xmlns: controlNs, code: problem.code }),
  );
}

export const streamErrorElement = (error: StreamError): Element =>
  xml(
    "error",
    { xmlns: controlNs },
    xml(error.condition, { xmlns: streamsNs }),
    xml("text", {}, error.message),
  );

/** The code of a problem that a peer's error carries, for those that know our table. */
export const problemCodeOf = (error: Element): ProblemCode | undefined => {
  const code = error.getChild("problem", controlNs)?.attrs.code as string | undefined;
  return code !== undefined && code in problems ? code as ProblemCode : undefined;
};
