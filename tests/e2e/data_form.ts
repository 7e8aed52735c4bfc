// @ts-types="npm:@types/xmpp__xml@0.14.0"
import xml, { type Element } from "@xmpp/xml";

const dataNs = "jabber:x:data";

/** A filled-in form (XEP-0004) with these fields. */
export const formOf = (fields: Record<string, string>): Element =>
  xml(
    "x",
    { xmlns: dataNs, type: "submit" },
    ...Object.entries(fields).map(([name, value]) => xml("field", { var: name }, xml("value", {}, value))),
  );

/** The fields of the form in this element, by name; where a field has many values, they are lines. */
export const fieldsOf = (parent: Element): Record<string, string> =>
  Object.fromEntries((parent.getChild("x", dataNs)?.getChildren("field") ?? []).map((field) => [
    field.attrs.var as string,
    field.getChildren("value").map((value) => value.getText()).join("\n"),
  ]));
