/**
 * One request that mod_data_access was sent, what it answered (0.12 and 13 alike, with the line mended that keeps it
 * from running at all on Lua 5.4: without that every login is a 500), and what we answer, with the reason if not alike.
 */
export interface Row {
  /** Method and path; one without a slash in front is below `/data/`. */
  readonly send: string;
  readonly as?: string;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly was: number;
  /** As it was, if nothing is said. */
  readonly is?: number;
  readonly why?: string;
  /** JSON as a value, other text as it is. */
  readonly shows?: unknown;
}

const [user, admin, bob] = ["user:a secret", "admin:a secret", "bob@example.net:a secret"];
const [json, lua] = ["application/json", "text/x-lua"];
const secret = { is: 403, why: "secret" };
const authorization = (value: string) => ({ headers: { authorization: value } });
const elsewhere = { headers: { host: "example.net" } };

/** Who asks. */
const logins: Row[] = [
  { send: "GET teststore", was: 401 },
  { send: "GET teststore", as: "user:wrong", was: 401 },
  { send: "GET teststore", as: "nosuch:x", was: 500, is: 401, why: "as wrong" },
  { send: "GET teststore", ...authorization("Basic"), was: 500, is: 400, why: "malformed" },
  { send: "GET teststore", ...authorization("Basic !!!"), was: 500, is: 400, why: "malformed" },
  { send: "GET teststore", ...authorization("Basic bm9jb2xvbg=="), was: 500, is: 400, why: "no colon" },
  { send: "GET teststore", ...authorization("Basic dXNlcjpwdw=="), was: 500, is: 401, why: "no host" },
  { send: "GET teststore", ...authorization("Basic /zr/"), was: 500, is: 400, why: "no UTF-8" },
  { send: "GET teststore", as: bob, was: 200, is: 401, why: "a stranger here" },
  { send: "GET teststore", as: user, ...elsewhere, was: 404, is: 401, why: "a stranger there" },
  { send: "GET teststore", as: user, headers: { host: "no.example" }, was: 404 },
];

/** Addresses, with the store of the transcript, which no longer opens, and with one that does. */
const addresses: Row[] = [
  { send: "GET accounts", as: user, was: 200, ...secret },
  { send: "GET accounts", as: "USER@EXAMPLE.ORG:a secret", was: 200, ...secret },
  { send: "GET accounts/json", as: user, was: 200, ...secret },
  { send: "GET accounts/lua", as: user, was: 200, ...secret },
  { send: "GET accounts/xml", as: user, was: 404 },
  { send: "GET example.org/user/accounts", as: user, was: 200, ...secret },
  { send: "GET example.org/user/accounts/json", as: user, was: 200, ...secret },
  { send: "GET example.org/user/accounts/lua", as: user, was: 200, ...secret },
  { send: "GET example.org/user/accounts/xml", as: user, was: 404 },
  { send: "GET example.org/user/accounts/json/extra", as: user, was: 200, ...secret },
  { send: "GET example.org/john/accounts", as: user, was: 403 },
  { send: "GET example.org/nosuch/accounts", as: user, was: 403 },
  { send: "GET example.net/bob/accounts", as: user, was: 403 },
  { send: "GET example.org/john/accounts", as: admin, was: 200, ...secret },
  { send: "GET example.org/nosuch/accounts", as: admin, was: 404, ...secret },
  { send: "GET example.net/bob/accounts", as: admin, was: 200, is: 403, why: "of another host" },
  {
    send: "GET example.net/bob/teststore",
    as: admin,
    ...elsewhere,
    was: 404,
    is: 401,
    why: "a stranger there",
  },
  { send: "PUT teststore", as: user, type: json, body: '{"a":1}', was: 201 },
  { send: "GET teststore", as: "USER@EXAMPLE.ORG:a secret", was: 200, shows: { a: 1 } },
  { send: "GET teststore/json", as: user, was: 200, shows: { a: 1 } },
  { send: "GET teststore/lua", as: user, was: 200, shows: '{\n\t["a"] = 1;\n}' },
  { send: "GET teststore/xml", as: user, was: 404 },
  { send: "GET example.org/user/teststore", as: user, was: 200, shows: { a: 1 } },
  { send: "GET EXAMPLE.ORG/USER/teststore", as: user, was: 200, shows: { a: 1 } },
  { send: "GET example.org/user/teststore/lua", as: user, was: 200, shows: '{\n\t["a"] = 1;\n}' },
  { send: "GET example.org/user/teststore/xml", as: user, was: 404 },
  { send: "GET example.org/user/teststore/json/extra", as: user, was: 200, shows: { a: 1 } },
  { send: "GET example.org/user/teststore", as: "john:a secret", was: 403 },
  { send: "GET example.org/user/teststore", as: admin, was: 200, shows: { a: 1 } },
  { send: "GET example.org/nosuch/teststore", as: admin, was: 404 },
  { send: "GET nosuchstore", as: user, was: 404, is: 403, why: "not named" },
  { send: "GET bad-store", as: user, was: 404 },
  { send: "GET store1", as: user, was: 404 },
  { send: "GET a%2e%2e/b", as: user, was: 404 },
  { send: "GET example.org/user", as: user, was: 404 },
  { send: "GET %zz", as: user, was: 404, is: 400, why: "malformed" },
  { send: "GET /data/", as: user, was: 404 },
  { send: "GET /data", as: user, was: 301 },
  { send: "GET roster", as: user, was: 404, is: 403, why: "/v1/rosters" },
];

const value = '{"a":1,"b":[1,2,3],"c":{"d":null,"e":true}}';

/** Methods. */
const methods: Row[] = [
  { send: "PUT teststore", as: user, type: json, body: value, was: 201 },
  {
    send: "GET teststore",
    ...{ as: user, was: 200, why: "null was {}" },
    shows: { a: 1, b: [1, 2, 3], c: { d: null, e: true } },
  },
  { send: "HEAD teststore", as: user, was: 404, is: 200, why: "RFC 9110", shows: "" },
  { send: "OPTIONS teststore", was: 200 },
  {
    send: "PATCH teststore",
    as: user,
    type: json,
    body: "{}",
    was: 404,
    is: 415,
    why: "a patch has its type",
  },
  {
    send: "PATCH teststore",
    ...{ as: user, type: "application/merge-patch+json", body: '{"a":null}', was: 404, is: 204, why: "new" },
  },
  { send: "GET teststore", as: user, was: 200, shows: { b: [1, 2, 3], c: { d: null, e: true } } },
  { send: "PUT luastore", as: user, type: lua, body: '{ x = 1, y = { "z", 2 } }', was: 201 },
  { send: "GET luastore", as: user, was: 200, shows: { x: 1, y: ["z", 2] } },
  {
    send: "GET luastore/lua",
    ...{ as: user, was: 200, shows: '{\n\t["x"] = 1;\n\t["y"] = {\n\t\t"z";\n\t\t2;\n\t};\n}' },
  },
  { send: "PUT teststore", as: user, type: json, body: "{}", was: 201 },
  { send: "GET teststore", as: user, was: 404 },
  { send: "POST mylist", as: user, type: json, body: '{"n":1}', was: 201 },
  { send: "POST mylist", as: user, type: json, body: '{"n":2}', was: 201 },
  { send: "GET mylist", as: user, was: 200, shows: [{ n: 1 }, { n: 2 }] },
  {
    send: "GET mylist/lua",
    ...{ as: user, was: 200, shows: '{\n\t{\n\t\t["n"] = 1;\n\t};\n\t{\n\t\t["n"] = 2;\n\t};\n}' },
  },
  { send: "PUT mylist", as: user, type: json, body: '{"k":1}', was: 201 },
  { send: "GET mylist", as: user, was: 200, shows: { k: 1 } },
  { send: "POST mylist", as: user, type: json, body: '{"n":3}', was: 201, is: 409, why: "was hidden" },
  { send: "DELETE mylist", as: user, was: 204 },
  { send: "GET mylist", as: user, was: 404 },
  { send: "DELETE neverexisted", as: user, was: 204 },
  { send: "PUT example.org/john/foo", as: user, type: json, body: '{"x":1}', was: 403 },
  { send: "PUT example.org/john/foo", as: admin, type: json, body: '{"x":1}', was: 201 },
  { send: "GET example.org/john/foo", as: admin, was: 200, shows: { x: 1 } },
  {
    send: "PUT example.org/ghost/foo",
    as: admin,
    type: json,
    body: '{"x":1}',
    was: 201,
    is: 404,
    why: "nobody",
  },
  { send: "PUT no.example/ghost/foo", as: admin, type: json, body: '{"x":1}', was: 403 },
  { send: "GET no.example/ghost/foo", as: admin, was: 403 },
  { send: "HEAD accounts", as: user, was: 404, is: 403, why: "secret", shows: "" },
  { send: "PATCH accounts", as: user, body: "x", was: 404, ...secret },
  { send: "POST example.org/john/sq", as: admin, type: json, body: '{"n":1}', was: 201 },
  { send: "POST example.org/john/sq", as: user, type: json, body: '{"n":1}', was: 403 },
  { send: "DELETE example.org/john/sq", as: user, was: 403 },
  { send: "DELETE example.org/john/sq", as: admin, was: 204 },
  { send: "TRACE2 teststore", as: user, was: 404, is: 405, why: "RFC 9110" },
];

const own = { as: user, was: 400 };

/** Bodies that are none, or not of what they are said to be. */
const bodies: Row[] = [
  { send: "PUT sa", ...own, type: lua, body: "return { x = 1 }" },
  { send: "GET sa", as: user, was: 404 },
  { send: "PUT sb", ...own, type: lua, body: "{ x = os.time() }" },
  { send: "PUT sc", ...own, type: lua, body: "{ x = " },
  {
    send: "PUT scc",
    as: user,
    type: lua,
    body: "(function() while true do end end)",
    was: 500,
    is: 400,
    why: "never run",
  },
  { send: "GET scc", as: user, was: 404 },
  { send: "PUT sd", ...own, type: json, body: "{bad" },
  { send: "PUT sd", ...own, type: json, body: '{"a":1,"a":2}', was: 201, is: 400, why: "which?" },
  { send: "PUT sd", ...own, type: json, body: '{"a":NaN}' },
  { send: "PUT se", ...own, type: json, body: "" },
  { send: "PUT sf", ...own, type: json },
  {
    send: "PUT sg",
    ...own,
    type: "application/json; charset=utf-8",
    body: '{"a":1}',
    is: 201,
    why: "RFC 9110",
  },
  { send: "PUT sg", ...own, type: "APPLICATION/JSON", body: '{"a":1}', is: 201, why: "RFC 9110" },
  { send: "PUT sh", ...own, type: "text/plain", body: '{"a":1}', is: 415, why: "RFC 9110" },
  { send: "PUT si", ...own, body: '{"a":1}', is: 415, why: "RFC 9110" },
  { send: "PUT sj", ...own, type: "json", body: '{"a":1}', is: 415, why: "RFC 9110" },
  { send: "PUT sk", as: user, type: json, body: '"str"', was: 500, is: 422, why: "no table" },
  { send: "GET sk", as: user, was: 200, is: 404, why: "was kept" },
  { send: "PUT sl", as: user, type: json, body: "5", was: 500, is: 422, why: "no table" },
  { send: "GET sl", as: user, was: 200, is: 404, why: "was kept" },
  { send: "PUT sm", as: user, type: json, body: '{"a":1}', was: 201 },
  { send: "PUT sm", as: user, type: json, body: "null", was: 201 },
  { send: "GET sm", as: user, was: 404 },
  { send: "POST sm", ...own, type: json, body: "null", is: 422, why: "no item" },
  { send: "PUT sm", ...own, type: json, body: "false", is: 422, why: "JSON, but no table" },
  { send: "PUT sn", as: user, type: json, body: '[1,2,{"a":"é"}]', was: 201 },
  { send: "GET sn", as: user, was: 200, shows: [1, 2, { a: "é" }] },
  { send: "POST so", as: user, type: json, body: '"scalar"', was: 201 },
  { send: "POST sp", ...own, type: json, body: "{bad" },
  { send: "POST sp", ...own, type: json, body: "" },
  { send: "GET sp", as: user, was: 404 },
  { send: "GET so", as: user, was: 200, shows: ["scalar"] },
  { send: "PUT big", as: user, type: json, body: "a".repeat(1_100_000), was: 404, is: 413, why: "said so" },
  { send: "PUT accounts", as: user, type: json, body: '{"x":1}', was: 201, ...secret },
  { send: "GET accounts", as: user, was: 500, ...secret },
  {
    send: "PUT example.org/user/accounts",
    as: admin,
    type: json,
    body: '{"password":"pw"}',
    was: 201,
    ...secret,
  },
];

/** In their order: what one wrote the next reads. */
export const rows: readonly Row[] = [...logins, ...addresses, ...methods, ...bodies];

/** Stores that the rows use and that do not hold what opens doors. */
export const rowStores = ["teststore", "luastore", "mylist", "foo", "store1", "neverexisted", "big"]
  .concat([..."abcdefghijklmnopq"].map((letter) => `s${letter}`), "scc");
