import { describe, expect, test } from "vitest";
import { loadText, mistakesOf, refusalOf, SOUND } from "./configuration-folder.ts";

const HASH = "b".repeat(64);

test("five mistakes of different kinds are all reported, each with its path and mend", async () => {
  const mistakes = await mistakesOf(`
issuer: http://auth.example
lissten: {}
tokens: { access_lifetime: 2h }
clients: [{ client_id: web, audiences: [a], grants: [mnit] }]
callers: [{ name: api, permissions: [issue], clients: [wbe], secret_sha256: ["${HASH}"] }]
`);
  expect(mistakes).toEqual([
    expect.stringMatching(
      /^clients\[0\]\.grants\[0\]: is not one of the possible values: write mint.*did you mean 'mint'/,
    ),
    expect.stringMatching(/^lissten: is no known key: did you mean 'listen'\?/),
    expect.stringMatching(/^issuer: write an https URL/),
    expect.stringMatching(/^tokens\.access_lifetime: exceeds access_max_lifetime/),
    expect.stringMatching(/^callers\[0\]\.clients\[0\]: there is no client 'wbe'/),
  ]);
});

test("the message lists the mistakes one a line, with line and column", async () => {
  const error = await refusalOf(loadText("development: yes\nissuer: http://127.0.0.1\nlog: { level: loud }\n"));
  const [heading, ...lines] = error.message.split("\n");
  expect(heading).toMatch(/^The configuration .*assay\.yaml has 2 mistakes:$/);
  expect(lines[0]).toMatch(/^ {2}- development \(line 1, column 14\): is text: write true or false$/);
  expect(lines[1]).toMatch(/^ {2}- log\.level \(line 3, column 15\): is not one of the possible values/);
});

test("what a broken key would have said is not held against the rest", async () => {
  const mistakes = await mistakesOf(`
issuer: https://auth.example
listen: { address: "0.0.0.0:1", tls: { certificate: 5 } }
callers: [{ name: a, permissions: [watch], secret_sha256: [short] }]
`);
  expect(mistakes.map((mistake) => mistake.split(":")[0])).toEqual([
    "listen.tls.certificate",
    "listen.tls.key",
    "callers[0].secret_sha256[0]",
  ]);
});

describe("each rule refuses and says how to mend it", () => {
  test.each<[string, string, RegExp]>([
    ["an issuer with a query", "issuer: https://a.example/?x", /^issuer: .*without white space, query and fragment/],
    ["an issuer that is no URL", "issuer: auth", /^issuer: is no URL/],
    ["an issuer with a password", "issuer: https://u:p@a.example", /^issuer: .*no user name or password/],
    ["an http issuer on loopback out of development", "issuer: http://127.0.0.1", /^issuer: write an https URL/],
    ["an address without a port", "listen: { address: localhost }", /^listen\.address: write HOST:PORT/],
    ["a port beyond 65535", 'listen: { address: "127.0.0.1:65536" }', /^listen\.address: write HOST:PORT/],
    ["a console without a port", "admin: { address: localhost }", /^admin\.address: write HOST:PORT/],
    ["a console on a socket", "admin: { address: unix:/a.sock }", /^admin\.address: write HOST:PORT/],
    [
      "a console in plaintext off loopback",
      'admin: { address: "0.0.0.0:1" }',
      /^admin\.address: '0\.0\.0\.0:1' can be reached from elsewhere: give listen\.tls/,
    ],
    [
      "a console off loopback that nobody may open",
      'admin: { address: "0.0.0.0:1" }\nlisten: { tls: { certificate: /etc/hosts, key: /etc/hosts } }',
      /^admin\.address: nobody could open it: give a caller the permission admin/,
    ],
    [
      "a console off loopback in development",
      'admin: { address: "0.0.0.0:1" }\ndevelopment: true',
      /^admin\.address: .*development trusts whoever calls/,
    ],
    ["a relative socket path", "listen: { address: unix:a.sock }", /^listen\.address: write HOST:PORT/],
    [
      "plaintext off loopback",
      'listen: { address: "0.0.0.0:1" }',
      /^listen\.tls: '0\.0\.0\.0:1' can be reached from elsewhere/,
    ],
    [
      "metrics off loopback",
      'telemetry: { prometheus_address: "0.0.0.0:9464" }',
      /^telemetry\.prometheus_address: '0\.0\.0\.0:9464' can be reached from elsewhere.*write 127\.0\.0\.1:PORT/,
    ],
    [
      "a receiver over http off loopback",
      receiver({ url: "http://siem.example/" }),
      /^events\.receivers\[0\]\.url: .*https/,
    ],
    ["a receiver whose url holds a password", receiver({ url: "https://u:p@a.example/" }), /\.url: .*no user name or/],
    ["a receiver's url with a fragment", receiver({ url: "https://a.example/#x" }), /\.url: a fragment is never sent/],
    [
      "a receiver's authorities where there is no TLS",
      receiver({ url: "http://127.0.0.1:1/", ca_file: "assay.yaml" }),
      /^events\.receivers\[0\]\.ca_file: the url is http/,
    ],
    [
      "a receiver for an audience of access tokens",
      receiver({ audience: "https://api.example" }),
      /^events\.receivers\[0\]\.audience: access tokens are for this audience too/,
    ],
    ["a receiver that is told nothing", receiver({ events: [] }), /^events\.receivers\[0\]\.events: /],
    ["an unknown event", receiver({ events: ["session-revokd"] }), /did you mean 'session-revoked'/],
    [
      "a receiver's name that is no label",
      receiver({ name: "a b" }),
      /^events\.receivers\[0\]\.name: write at most 63/,
    ],
    [
      "a bearer token that is not there",
      receiver({ authorization_file: "nowhere" }),
      /^events\.receivers\[0\]\.authorization_file: there is no file/,
    ],
    [
      "two receivers of one name",
      'events: { receivers: [{ name: a, url: "https://a.example", audience: a }, { name: a, url: "https://b.example", audience: b }] }',
      /^events\.receivers\[1\]\.name: there is a receiver of this name \(events\.receivers\[0\]\.name\)/,
    ],
    [
      "metrics on a Unix socket",
      "telemetry: { prometheus_address: unix:/run/metrics.sock }",
      /^telemetry\.prometheus_address: write HOST:PORT/,
    ],
    [
      "fingerprints that change too often to be followed",
      "telemetry: { fingerprint_period: 5m }",
      /^telemetry\.fingerprint_period: write 0s for never, or a duration of at least 1h/,
    ],
    ["plaintext on every IPv6 address", 'listen: { address: "[::]:1" }', /^listen\.tls: /],
    [
      "development off loopback",
      'development: true\nlisten: { address: "0.0.0.0:1" }',
      /^development: anyone who reaches/,
    ],
    ["no caller at all", "callers: []", /^callers: nobody could call/],
    [
      "a caller that nothing recognises",
      "callers: [{ name: x, permissions: [watch] }]",
      /^callers\[0\]\.secret_sha256: nothing recognises/,
    ],
    [
      "a certificate SAN without client_ca",
      caller('permissions: [watch], certificate_san: ["DNS:a"]'),
      /^listen\.tls\.client_ca: is needed by callers\[0\]\.certificate_san/,
    ],
    ["a limit of no time", "limits: { connection_age: 0s }", /^limits\.connection_age: must be more than 0/],
    [
      "a limit that no timer holds",
      "limits: { connection_idle: 30d }",
      /^limits\.connection_idle: must be 24 days at most/,
    ],
    [
      "an issuer of tokens for no audience",
      "issuers: [{ issuer: https://idp.example, discovery: true, algorithms: [ES256] }]",
      /^issuers\[0\]\.audiences: is missing/,
    ],
    [
      "introspect without audiences",
      caller("permissions: [introspect]"),
      /^callers\[0\]\.audiences: every token would be inactive/,
    ],
    ["issue without clients", caller("permissions: [issue]"), /^callers\[0\]\.clients: it could issue for nobody/],
    [
      "a caller for an unknown client",
      caller("permissions: [issue], clients: [nobody]"),
      /^callers\[0\]\.clients\[0\]: there is no client 'nobody'/,
    ],
    [
      "* beside other clients",
      caller('permissions: [issue], clients: ["*", web]'),
      /^callers\[0\]\.clients: "\*" means all clients: write it alone/,
    ],
    [
      "an unknown permission",
      caller("permissions: [watchh]"),
      /^callers\[0\]\.permissions\[0\]: is not one of the possible values: .*did you mean 'watch'/,
    ],
    [
      "an unknown permission with limits",
      caller("permissions: [{ permission: introspct, audiences: [a] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[0\]\.permission: is not one of the possible values: .*did you mean 'introspect'/,
    ],
    [
      "limits of no permission",
      caller("permissions: [watch, { audiences: [a] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[1\]\.permission: is missing: add it/,
    ],
    [
      "an unknown limit of a permission",
      caller("permissions: [{ permission: introspect, audience: [a] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[0\]\.audience: is no known key: did you mean 'audiences'\?/,
    ],
    [
      "a permission limited to nothing",
      caller("permissions: [{ permission: introspect, audiences: [] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[0\]\.audiences: is an empty list: name at least one/,
    ],
    [
      "a permission that is a number",
      caller("permissions: [7]"),
      /^callers\[0\]\.permissions\[0\]: is not one of the possible values: write introspect/,
    ],
    [
      "a permission left empty",
      caller("permissions: [null]"),
      /^callers\[0\]\.permissions\[0\]: is empty: give it a value/,
    ],
    [
      "a permission twice",
      caller("permissions: [revoke, watch, { permission: revoke, clients: [web] }], clients: [web]"),
      /^callers\[0\]\.permissions\[2\]: this permission is given already \(callers\[0\]\.permissions\[0\]\): change or remove/,
    ],
    [
      "a permission limited to an audience beyond the caller's own",
      caller("permissions: [{ permission: introspect, audiences: [a, b] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[0\]\.audiences\[1\]: 'b' is none of the caller's own audiences: add it to callers\[0\]\.audiences/,
    ],
    [
      "a permission limited to a client beyond the caller's own",
      caller("permissions: [{ permission: introspect, clients: [web] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[0\]\.clients\[0\]: 'web' is none of the caller's own clients: add it to callers\[0\]\.clients/,
    ],
    [
      "a permission limited to an unknown client, of a caller for all",
      caller('permissions: [{ permission: revoke, clients: [nobody] }], clients: ["*"]'),
      /^callers\[0\]\.permissions\[0\]\.clients\[0\]: there is no client 'nobody'/,
    ],
    [
      "a permission limited to all clients",
      caller('permissions: [{ permission: revoke, clients: ["*"] }], clients: ["*"]'),
      /^callers\[0\]\.permissions\[0\]\.clients\[0\]: "\*" limits nothing/,
    ],
    [
      "watch limited to audiences",
      caller("permissions: [{ permission: watch, audiences: [a] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[0\]\.audiences: watch cannot be limited.*Remove this, or the permission/,
    ],
    [
      "watch limited to clients",
      caller("permissions: [{ permission: watch, clients: [web] }], clients: [web]"),
      /^callers\[0\]\.permissions\[0\]\.clients: watch cannot be limited/,
    ],
    [
      "admin limited to audiences",
      caller("permissions: [{ permission: admin, audiences: [a] }], audiences: [a]"),
      /^callers\[0\]\.permissions\[0\]\.audiences: admin cannot be limited to audiences.*limit it to clients/,
    ],
    [
      "one secret for two callers",
      `callers: [{ name: x, secret_sha256: ["${HASH}"], permissions: [watch] }, { name: y, secret_sha256: ["${HASH}"], permissions: [watch] }]`,
      /^callers\[1\]\.secret_sha256\[0\]: this is given already.*callers\[0\]\.secret_sha256\[0\]/,
    ],
    [
      "one name for two callers",
      `callers: [{ name: x, secret_sha256: ["${HASH}"], permissions: [watch] }, { name: x, secret_sha256: ["${"c".repeat(64)}"], permissions: [watch] }]`,
      /^callers\[1\]\.name: another caller has this name/,
    ],
    [
      "one client_id for two clients",
      "clients: [{ client_id: web, audiences: [a] }, { client_id: web, audiences: [a] }]",
      /^clients\[1\]\.client_id: another client has this client_id/,
    ],
    [
      "a client called *",
      'clients: [{ client_id: "*", audiences: [a] }]',
      /^clients\[0\]\.client_id: "\*" stands for all/,
    ],
    [
      "a trusted issuer without keys",
      issuer("max_lifetime: 1h"),
      /^issuers\[0\]\.jwks_uri: nothing says where its keys are/,
    ],
    [
      "a trusted issuer with two key sources",
      issuer("discovery: true, jwks_uri: https://idp.example/jwks"),
      /^issuers\[0\]\.jwks_uri: its keys would come from several places/,
    ],
    [
      "keys over http",
      issuer("jwks_uri: http://idp.example/jwks, allow_http_loopback: true"),
      /^issuers\[0\]\.jwks_uri: write an https URL/,
    ],
    [
      "keys over http on loopback without leave",
      issuer("jwks_uri: http://127.0.0.1/jwks"),
      /^issuers\[0\]\.jwks_uri: write an https URL.*allow_http_loopback/,
    ],
    [
      "a key file that is not there",
      issuer("jwks_file: absent.json"),
      /^issuers\[0\]\.jwks_file: there is no file .*absent\.json/,
    ],
    [
      "keys that may be fetched all the time",
      issuer("discovery: true, keys: { cool_down: 100ms }"),
      /^issuers\[0\]\.keys\.cool_down: .*write at least 1s/,
    ],
    [
      "keys that end before they may be fetched again",
      issuer("discovery: true, keys: { max_age: 10s }"),
      /^issuers\[0\]\.keys\.max_age: is less than cool_down/,
    ],
    [
      "keys that are used for days",
      issuer("discovery: true, keys: { max_age: 2d }"),
      /^issuers\[0\]\.keys\.max_age: .*write at most 1d/,
    ],
    [
      "keys that are used for days while they cannot be fetched",
      issuer("discovery: true, keys: { max_stale: 2d }"),
      /^issuers\[0\]\.keys\.max_stale: .*write at most 1d/,
    ],
    [
      "keys that are waited for without an end",
      issuer("discovery: true, keys: { timeout: 2m }"),
      /^issuers\[0\]\.keys\.timeout: write more than 0 and at most 1m/,
    ],
    [
      "a foreign name for a claim that cannot have one",
      issuer("discovery: true, claims: { exp: [expires] }"),
      /^issuers\[0\]\.claims\.exp: is no known key/,
    ],
    [
      "our own issuer among the trusted",
      "issuers: [{ issuer: https://auth.example, discovery: true, algorithms: [ES256], audiences: [a] }]",
      /^issuers\[0\]\.issuer: is Assay's own issuer/,
    ],
    [
      "a foreign algorithm with a shared secret",
      issuer("discovery: true").replace("ES256", "HS256"),
      /^issuers\[0\]\.algorithms\[0\]: is not one of the possible values/,
    ],
    [
      "a default above the greatest lifetime",
      "tokens: { access_lifetime: 2h }",
      /^tokens\.access_lifetime: exceeds access_max_lifetime/,
    ],
    [
      "a refresh token idle longer than its family lives",
      "tokens: { refresh_idle_lifetime: 31d }",
      /^tokens\.refresh_idle_lifetime: exceeds refresh_absolute_lifetime/,
    ],
    [
      "a client above the greatest lifetime of all",
      client("access_max_lifetime: 2h"),
      /^clients\[0\]\.access_max_lifetime: exceeds tokens\.access_max_lifetime/,
    ],
    [
      "a client's default above its own greatest",
      client("access_lifetime: 10m, access_max_lifetime: 5m"),
      /^clients\[0\]\.access_lifetime: exceeds access_max_lifetime/,
    ],
    ["DPoP proofs of a day", "dpop: { max_age: 1d }", /^dpop\.max_age: write a duration between 1s and 10m/],
    ["DPoP proofs of no age", "dpop: { max_age: 0s }", /^dpop\.max_age: write a duration between 1s and 10m/],
    ["a lifetime of nothing", "tokens: { access_lifetime: 0s }", /^tokens\.access_lifetime: must be more than 0/],
    [
      "a lifetime of half a second",
      "tokens: { access_lifetime: 500ms }",
      /^tokens\.access_lifetime: write whole seconds/,
    ],
    [
      "a lifetime of ages",
      "tokens: { access_max_lifetime: 999999999d }",
      /^tokens\.access_max_lifetime: write a whole number with a unit, at most ten years/,
    ],
    [
      "a duration without a unit",
      "tokens: { access_lifetime: 900 }",
      /^tokens\.access_lifetime: write a whole number with a unit/,
    ],
    [
      "a negative duration",
      "tokens: { access_lifetime: -5m }",
      /^tokens\.access_lifetime: write a whole number with a unit/,
    ],
    [
      "redis in plaintext off loopback",
      "store: redis://redis.example",
      /^store\.url: redis:\/\/ sends everything in the clear: write rediss/,
    ],
    ["a store that nobody knows", "store: mysql://db", /^store\.url: write sqlite:PATH/],
    [
      "one Sentinel of several in plaintext off loopback",
      "store: redis+sentinel://127.0.0.1:1,redis.example:2/assay",
      /^store\.url: redis:\/\/ sends everything in the clear/,
    ],
    ["a plain Redis at several hosts", "store: rediss://a,b", /^store\.url: write sqlite:PATH/],
    [
      "replicas that are promised and not counted",
      "store: {url: rediss://a, durability: replicated}",
      /^store\.replicas: is needed by durability replicated/,
    ],
    ["replicas that mean nothing", "store: {url: rediss://a, replicas: 1}", /^store\.replicas: means nothing/],
    [
      "replicas of SQLite",
      "store: {durability: replicated, replicas: 1}",
      /^store\.durability: SQLite has no replicas/,
    ],
    ["TLS settings for plaintext", "store: {url: 'redis://[::1]', tls: {server_name: a}}", /^store\.tls: is not used/],
    [
      "a certificate without its key",
      "store: {url: rediss://a, tls: {certificate: a}}",
      /^store\.tls(?:: certificate and key|\.certificate: there is no file)/,
    ],
    [
      "a Sentinel's password without Sentinels",
      "store: {url: rediss://a, sentinel_password: hunter2}",
      /^store\.sentinel_password: is for a redis\+sentinel/,
    ],
    ["a store in memory", 'store: "sqlite::memory:"', /^store\.url: name a file that survives/],
    ["a key left empty", "clients:", /^clients: is empty: give it a value or remove the key/],
    ["text for a number", "listen: { max_message_bytes: many }", /^listen\.max_message_bytes: is text: write a/],
    [
      "a number out of bounds",
      "listen: { max_message_bytes: 5 }",
      /^listen\.max_message_bytes: is too small: write 1024 or more/,
    ],
    [
      "an unknown key in a list",
      caller("permissions: [watch], audience: [a]"),
      /^callers\[0\]\.audience: is no known key: did you mean 'audiences'\?/,
    ],
    [
      "a scope with a space",
      client('scopes: ["read write"]'),
      /^clients\[0\]\.scopes\[0\]: a scope is printable ASCII/,
    ],
  ])("%s", async (_what, spoilt, message) => {
    const key = spoilt.split(":")[0] ?? "";
    const keys = key === "development" ? ["development", "listen"] : [key];
    const mistakes = await mistakesOf(`${without(SOUND, keys)}\n${spoilt}\n`);
    expect(mistakes).toContainEqual(expect.stringMatching(message));
    expect(mistakes.filter((mistake) => !message.test(mistake) && !mistake.startsWith("listen.tls:"))).toEqual([]);
  });

  test.each<[string, string]>([
    ["an http issuer on loopback in development", "development: true\nissuer: http://[::1]:50051"],
    ["plaintext on a Unix socket", "listen: { address: unix:/run/assay.sock }"],
    ["plaintext on another loopback address", 'listen: { address: "127.8.9.1:0" }'],
    [
      "redis in plaintext off loopback where it is allowed",
      "store: { url: redis://redis.example, unsafe_allow_plaintext: true }",
    ],
    ["redis in plaintext on loopback", "store: redis://:secret@[::1]:6379/1"],
    ["redis over TLS", "store: rediss://redis.example"],
    ["Sentinels over TLS", "store: rediss+sentinel://u:p@a:1,[2001:db8::1]:2,c/assay/3"],
    ["a Cluster over TLS", "store: {url: 'rediss+cluster://a,b:2', durability: replicated, replicas: 1}"],
    [
      "keys over http on loopback where it is allowed",
      issuer("jwks_uri: http://localhost:1/jwks, allow_http_loopback: true"),
    ],
    ["a caller for all clients", caller('permissions: [issue], clients: ["*"]')],
    [
      "a permission limited to some of the caller's own",
      caller(
        'permissions: [watch, { permission: revoke, audiences: [a], clients: [web] }], audiences: [a, b], clients: ["*"]',
      ),
    ],
    ["a permission written long", caller("permissions: [{ permission: watch }]")],
    ["no grace at all", client("refresh_grace: 0s")],
    ["a receiver over http on loopback", receiver({ url: "http://localhost:1/events" })],
  ])("%s is allowed", async (_what, changed) => {
    const key = changed.split(":")[0] ?? "";
    const keys = key === "development" ? ["issuer"] : [key];
    await expect(loadText(`${without(SOUND, keys)}\n${changed}\n`)).resolves.toBeDefined();
  });
});

test("no message holds a secret that the configuration holds", async () => {
  const error = await refusalOf(
    loadText(
      "issuer: https://user:hunter2@a.example\nstore: mysql://u:hunter2@h\nlog: {level: hunter2}\nnope: hunter2\n",
    ),
  );
  expect(error.message).not.toContain("hunter2");
  const syntax = await refusalOf(loadText('store: "redis://:hunter2@h"\n  - ] hunter2: {'));
  expect(syntax.message).not.toContain("hunter2");
});

/** The sound configuration without some of its top-level keys. */
function without(yaml: string, keys: readonly string[]): string {
  const sections = yaml.split(/\n(?=\S)/);
  return sections.filter((section) => !keys.some((key) => section.trim().startsWith(`${key}:`))).join("\n");
}

function caller(rest: string): string {
  return `callers: [{ name: x, secret_sha256: ["${HASH}"], ${rest} }]`;
}

function issuer(rest: string): string {
  return `issuers: [{ issuer: https://idp.example, algorithms: [ES256], audiences: [a], ${rest} }]`;
}

function receiver(changes: object): string {
  const sound = { name: "siem", url: "https://siem.example/", audience: "siem" };
  return `events: ${JSON.stringify({ receivers: [{ ...sound, ...changes }] })}`;
}

function client(rest: string): string {
  return `clients: [{ client_id: web, audiences: [a], ${rest} }]`;
}
