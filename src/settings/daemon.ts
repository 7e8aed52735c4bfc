import { z } from "zod";
import { flag, listen, optional, path, proxies, publicUrl, setting, size, store } from "./types.ts";

/** The daemon as a whole: where its files are, how it is reached, what it logs. */
export const daemonSettings = {
  "data_dir": setting({
    type: path,
    env: "COUPLET_DATA_DIR",
    default: "./data",
    meaning: "The folder for the database, the key file and the control socket. " +
      "Under systemd, `$STATE_DIRECTORY` if nothing else is set.",
  }),
  "http.listen": setting({
    type: listen,
    env: "COUPLET_HTTP_LISTEN",
    default: "127.0.0.1:5290",
    meaning: "Where to answer HTTP: `HOST:PORT` or `unix:/path`.",
  }),
  "http.public_url": optional({
    type: publicUrl,
    env: "COUPLET_PUBLIC_URL",
    meaning: "How people reach that address from outside; links in invites begin with it. " +
      "Without it, `http://` and `http.listen`.",
  }),
  "http.trusted_proxies": optional({
    type: proxies,
    env: "COUPLET_TRUSTED_PROXIES",
    meaning:
      "Proxies whose `X-Forwarded-For` is believed: a list of addresses and networks (commas in the environment), " +
      "and `unix` for whoever connects to `unix:/path`. Without it nobody's is.",
  }),
  "http.query_keys": setting({
    type: flag,
    default: true,
    meaning:
      "Whether `/invites_api?key=…` is taken. Keys in addresses end up in logs and histories: turn it " +
      "off once every script sends `Authorization: Bearer …`.",
  }),
  "http.max_body": setting({ type: size, default: 65536, meaning: "The largest request body, in bytes." }),
  "control.socket": optional({
    type: path,
    env: "COUPLET_CONTROL_SOCKET",
    meaning: "The Unix socket that Prosody calls. Without it, `control.sock` in `data_dir`.",
  }),
  "store": optional({
    type: store,
    env: "COUPLET_STORE",
    meaning: "Where everything is kept. Without it, `sqlite:DATA_DIR/couplet.db`.",
  }),
  "log.format": setting({
    type: z.enum(["auto", "json", "text"], { error: "expected auto, json or text" }),
    env: "COUPLET_LOG_FORMAT",
    default: "auto",
    meaning: "`json`: one object a line. `text`: for people. `auto`: text on a terminal, json elsewhere.",
  }),
  "log.level": setting({
    type: z.enum(["debug", "info", "warning", "error"], { error: "expected debug, info, warning or error" }),
    env: "COUPLET_LOG_LEVEL",
    default: "info",
    meaning: "The least that is logged: `debug`, `info`, `warning` or `error`.",
  }),
} as const;
