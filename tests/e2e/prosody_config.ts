/** What a test may change in a Prosody. */
export interface ProsodyOptions {
  /** Its VirtualHosts; `example.org` if nothing is said. */
  readonly hosts?: readonly string[];
  /** The daemon's control socket. Without it, Prosody runs without our modules. */
  readonly socket?: string;
  /** Which stores go where; with a socket, both of ours if nothing is said. */
  readonly storage?: Readonly<Record<string, string>>;
  /** How it speaks to other servers; without it, not at all. */
  readonly s2s?: Federation;
  /** Modules beside the usual ones. */
  readonly modules?: readonly string[];
  /** Whether it answers HTTP too. */
  readonly http?: boolean;
  /** The least that it logs. */
  readonly logLevel?: "debug" | "info" | "warn" | "error";
  /** More lines of Lua: before the hosts, and below each host by its name. */
  readonly config?: string;
  readonly hostConfig?: Readonly<Record<string, string>>;
}

/** Servers on this machine that know each other without DNS, by dialback on plain streams. */
export interface Federation {
  /** Where this one listens for others. */
  readonly port: number;
  /** Where others listen, by their domains. */
  readonly routes: Readonly<Record<string, number>>;
}

/** What the server that writes the file knows beside; paths as Prosody sees them. */
export interface ProsodyPlace {
  readonly folder: string;
  readonly c2sPort: number;
  readonly httpPort?: number | undefined;
}

const usualModules = [
  ...[
    "disco",
    "roster",
    "saslauth",
    "register_ibr",
    "private",
    "invites",
    "invites_adhoc",
    "invites_register",
  ],
  ...["adhoc", "admin_shell"],
];

/** A text of prosody.cfg.lua for one server on 127.0.0.1, without TLS or limits. */
export function prosodyConfig(options: ProsodyOptions, place: ProsodyPlace): string {
  const { hosts = ["example.org"], socket, s2s, modules = [], logLevel = "info" } = options;
  const storage = options.storage ??
    (socket === undefined ? {} : { invite_token: "couplet", roster: "couplet" });
  const enabled = [
    ...usualModules,
    ...(socket === undefined ? [] : ["couplet"]),
    ...(s2s ? ["s2s", "dialback", "test_routes"] : []),
    ...modules,
  ];
  return `run_as_root = true
pidfile = ${lua(`${place.folder}/prosody.pid`)}
data_path = ${lua(`${place.folder}/data`)}
certificates = ${lua(`${place.folder}/certs`)}
plugin_paths = { ${lua(`${place.folder}/modules`)} }
log = { ${logLevel} = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${place.c2sPort} }
http_ports = { ${place.httpPort ?? ""} }
https_ports = { }
modules_enabled = { ${enabled.map(lua).join("; ")} }
modules_disabled = { ${s2s ? "" : '"s2s"; '}"tls" }
${s2s ? federation(s2s) : ""}c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_hashed"
storage = { ${Object.entries(storage).map(([store, driver]) => `${store} = ${lua(driver)}`).join("; ")} }
admins = { ${hosts.map((host) => lua(`admin@${host}`)).join("; ")} }
allow_registration = true
registration_invite_only = true
${socket === undefined ? "" : `couplet_socket = ${lua(socket)}`}
${options.config ?? ""}
${hosts.map((host) => `VirtualHost ${lua(host)}\n${options.hostConfig?.[host] ?? ""}`).join("\n")}
`;
}

const federation = ({ port, routes }: Federation) =>
  `s2s_ports = { ${port} }
s2s_require_encryption = false
s2s_secure_auth = false
test_routes = { ${Object.entries(routes).map(([domain, port]) => `[${lua(domain)}] = ${port}`).join("; ")} }
`;

const lua = (text: string) => `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
