import assert from "node:assert/strict";
import fc from "fast-check";
import { parseStanza, serialiseStanza, xml } from "../../src/channel/stanza.ts";

const refused = (line: string, condition: string) =>
  assert.throws(() => parseStanza(line), { name: "StreamError", condition }, line.slice(0, 60));

Deno.test("a well-formed stanza is read with its attributes, text and namespaces", () => {
  const iq = parseStanza(
    "<iq type='get' id=\"1&quot;\" xml:lang='de'><query xmlns='jabber:iq:roster' ver='a>b'>x &#10;&amp; y</query> </iq>",
  );
  assert.equal(iq.attrs.id, '1"');
  assert.equal(iq.getChild("query", "jabber:iq:roster")?.attrs.ver, "a>b");
  assert.equal(iq.getChildText("query", "jabber:iq:roster"), "x \n& y");
});

Deno.test("what is not one well-formed element is refused", () => {
  for (
    const line of [
      "hello",
      "<",
      "<a",
      "<a>",
      "</a>",
      "<a></b>",
      "<a/><b/>",
      "<a/>x",
      "x<a/>",
      "<a b='1' b='2'/>",
      "<a b='<'/>",
      "<a>&nbsp;</a>",
      "<a>&</a>",
      "<a b='&bad;'/>",
      "<a>\u0001</a>",
      "<a b='\u0008'/>",
      "<a>\uffff</a>",
      "<a></a></a>",
      "<a><b></a></b>",
    ]
  ) refused(line, "not-well-formed");
});

Deno.test("DOCTYPE, comments, CDATA and processing instructions are refused at once", () => {
  for (
    const line of [
      "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
      "<a><!-- x --></a>",
      "<a><![CDATA[x]]></a>",
      "<?xml version='1.0'?><a/>",
    ]
  ) {
    refused(line, "restricted-xml");
  }
});

Deno.test("64 levels are read and 65 are not, however many there are", () => {
  const nested = (levels: number) => "<a>".repeat(levels) + "</a>".repeat(levels);
  assert.ok(parseStanza(nested(64)));
  refused(nested(65), "policy-violation");
  refused(nested(150_000), "policy-violation");
});

Deno.test("a prefix that is not bound is refused", () => {
  refused("<x:a/>", "bad-namespace-prefix");
  refused("<a x:b='1'/>", "bad-namespace-prefix");
  assert.ok(parseStanza("<x:a xmlns:x='urn:x'/>"));
});

Deno.test("what is written is one line that reads back the same", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (value, text) => {
    const line = serialiseStanza(xml("a", { value }, text));
    assert.ok(!/[\r\n]/.test(line));
    const back = parseStanza(line);
    const kept = (s: string) =>
      // deno-lint-ignore no-control-regex
      s.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
    assert.equal(back.attrs.value, kept(value));
    assert.equal(back.getText(), kept(text));
  }));
});

Deno.test("no text at all makes the parser do anything but answer or refuse", () => {
  const piece = fc.constantFrom(
    "<",
    ">",
    "/",
    "a",
    " ",
    "=",
    "'",
    '"',
    "&",
    ";",
    "!",
    "?",
    "x:",
    "<a>",
    "</a>",
    "<a b='c'/>",
    "&amp;",
    "\t",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        parseStanza(pieces.join(""));
      } catch (error) {
        assert.equal((error as Error).name, "StreamError");
      }
    }),
    { numRuns: 3000 },
  );
});
