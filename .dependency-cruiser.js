import { Visitor } from "@swc/core/Visitor.js";

/**
 * Who may import whom. Each layer is named once with all that it may import besides Node's own modules; the rest is
 * forbidden. `main` and `compose` alone see both sides of the core's ports.
 */
const COMMANDS_MAY = [
  "^src/(cli|config|gen)/",
  "^src/core/(start-error|token/caller-secret)\\.ts$",
  npm("commander"),
  npm("@grpc/grpc-js"),
  npm("yaml"),
  npm("zod"),
];

const CLIENT_MAY = ["^clients/typescript/src/", npm("@grpc/grpc-js"), npm("@bufbuild/protobuf")];

const layers = [
  {
    name: "core",
    why: "The domain knows no protocol, store or exporter.",
    files: "^src/core/",
    may: ["^src/core/", npm("jose")],
  },
  {
    name: "gen",
    why: "Generated code stands alone.",
    files: "^src/gen/",
    may: ["^src/gen/", npm("@bufbuild/protobuf"), npm("@grpc/grpc-js")],
  },
  {
    name: "transport",
    why: "Front doors translate between the contract and the core; stores and telemetry are handed to them.",
    files: "^src/transport/",
    may: ["^src/(transport|core|gen)/", npm("@grpc/[^/]+"), npm("@bufbuild/protobuf")],
  },
  {
    name: "console",
    why: "A front door for people: as transport, it is handed all but the core.",
    files: "^src/console/(?!browser/)",
    may: ["^src/console/(?!browser/)", "^src/core/"],
  },
  {
    name: "console-browser",
    why: "What runs in a browser is loaded from the console, and nowhere else.",
    files: "^src/console/browser/",
    may: ["^src/console/browser/"],
  },
  {
    name: "store-sqlite",
    why: "A store implements the core's ports and knows no other store.",
    files: "^src/store/sqlite/",
    may: ["^src/store/sqlite/", "^src/store/[^/]+$", "^src/core/"],
  },
  {
    name: "store-redis",
    why: "A store implements the core's ports and knows no other store.",
    files: "^src/store/redis/",
    may: ["^src/store/redis/", "^src/store/[^/]+$", "^src/core/", npm("ioredis")],
  },
  {
    name: "store-upstream",
    why: "A verifier's store is an authority, over gRPC: of all stores this one alone speaks the contract, as a client of it.",
    files: "^src/store/upstream/",
    may: [
      "^src/store/upstream/",
      "^src/store/[^/]+$",
      "^src/(core|gen)/",
      npm("@grpc/grpc-js"),
      npm("@bufbuild/protobuf"),
    ],
  },
  {
    name: "store-shared",
    why: "What stores share knows none of them.",
    files: "^src/store/[^/]+$",
    may: ["^src/store/[^/]+$", "^src/core/"],
  },
  {
    name: "keys",
    why: "Key sources implement the core's ports.",
    files: "^src/keys/",
    may: ["^src/keys/", "^src/core/", npm("jose"), npm("zod")],
  },
  {
    name: "events",
    why: "Receivers of security events are told what the core decided. Whom a request may reach is judged as for keys, in one place.",
    files: "^src/events/",
    may: ["^src/events/", "^src/core/", "^src/keys/reachable-address\\.ts$"],
  },
  {
    name: "telemetry",
    why: "Telemetry implements the core's ports.",
    files: "^src/telemetry/",
    may: ["^src/telemetry/", "^src/core/", npm("@opentelemetry/[^/]+"), npm("pino"), npm("pino-pretty")],
  },
  {
    name: "workers",
    why: "Processes that serve together know each other, and not what they serve.",
    files: "^src/workers/",
    may: [
      "^src/workers/",
      "^src/core/(error|start-error|send-in-batches)\\.ts$",
      "^src/core/signals/(signal|signal-feed|signal-follower|read-signal)\\.ts$",
      npm("zod"),
    ],
  },
  {
    name: "config",
    why: "The schema is the one place that says what may be configured: it takes words from the core, nothing else.",
    files: "^src/config/",
    may: ["^src/config/", "^src/core/(caller|start-error)\\.ts$", npm("zod"), npm("yaml")],
  },
  {
    name: "cli",
    why: "Commands are clients of the service, or work on the configuration.",
    files: "^src/cli/(?!(serve(-as-worker)?|doctor|store|fingerprint|keys[^/]*)\\.ts$)",
    may: COMMANDS_MAY,
  },
  {
    name: "cli-serve",
    why: "Of all commands only this one starts the service: alone, with workers, or as one of them.",
    files: "^src/cli/serve(-as-worker)?\\.ts$",
    may: [...COMMANDS_MAY, "^src/(main|compose/open-crew|workers/membership)\\.ts$"],
  },
  {
    name: "cli-keys",
    why: "Of all commands only these open the keyring, through the one part of the composition that is made for it.",
    files: "^src/cli/keys[^/]*\\.ts$",
    may: [...COMMANDS_MAY, "^src/compose/own-keys\\.ts$"],
  },
  {
    name: "cli-fingerprint",
    why: "Of all commands only this one makes fingerprints, through the one part of the composition that is made for it.",
    files: "^src/cli/fingerprint\\.ts$",
    may: [...COMMANDS_MAY, "^src/compose/own-fingerprints\\.ts$"],
  },
  {
    name: "cli-store",
    why: "Of all commands only this one makes stores, through the one part of the composition that is made for it.",
    files: "^src/cli/store\\.ts$",
    may: [...COMMANDS_MAY, "^src/compose/operate-store\\.ts$"],
  },
  {
    name: "cli-doctor",
    why: "Of all commands only this one looks at everything, through the one part of the composition that is made for it.",
    files: "^src/cli/doctor\\.ts$",
    may: [...COMMANDS_MAY, "^src/compose/examination/"],
  },
  {
    name: "main",
    why: "The composition root joins the layers; commands and the contract's types are not its business.",
    files: "^src/(main\\.ts$|compose/)",
    may: [
      "^src/(main\\.ts$|(compose|console|core|config|events|store|keys|telemetry|transport|workers)/)",
      "(^|/)node_modules/",
    ],
  },
  {
    name: "client",
    why: "The published client shares no code with the service, and needs a framework only where that is its middleware.",
    files: "^clients/typescript/src/(?!(express|fastify|hono)\\.ts$)",
    may: CLIENT_MAY,
  },
  ...["express", "fastify", "hono"].map((framework) => ({
    name: `client-${framework}`,
    why: "The middleware of one framework knows no other.",
    files: `^clients/typescript/src/${framework}\\.ts$`,
    may: [...CLIENT_MAY, npm(`(@types/)?${framework}`)],
  })),
  {
    name: "bin",
    why: "The entry runs before the version of Node is known to be right: what it loads, it loads dynamically.",
    files: "^bin/",
    may: ["^src/cli/main\\.ts$"],
  },
];

teachUsing();

export default {
  forbidden: [
    ...layers.map(({ name, why, files, may }) =>
      rule(`${name}-imports`, why, { path: files }, { pathNot: may, dependencyTypesNot: ["core"] }),
    ),
    rule(
      "core-builtins",
      "The domain reaches no disk, network, process or clock of its own.",
      { path: "^src/core/" },
      { dependencyTypes: ["core"], pathNot: builtin("crypto") },
    ),
    rule(
      "sqlite-in-its-store",
      "The embedded database is opened in one place.",
      { path: "^src/", pathNot: "^src/store/sqlite/" },
      { path: builtin("sqlite") },
    ),
    rule(
      "known-layers",
      "Every file under src belongs to a layer named in this file.",
      { path: "^src/", pathNot: layers.map(({ files }) => files) },
      {},
    ),
    rule(
      "production-packages",
      "What runs in production is listed in `dependencies` of package.json.",
      { path: "^(src|bin)/" },
      { path: "(^|/)node_modules/", dependencyTypesNot: ["npm"] },
    ),
    rule("no-circular", "A file is understood before the files that use it.", {}, { circular: true }),
    rule(
      "no-orphan",
      "A file without imports that nobody imports is dead, or not wired.",
      { orphan: true, path: "^(clients/typescript/)?src/", pathNot: "/gen/" },
      {},
    ),
    rule("resolvable", "An import that leads nowhere escapes every other rule.", {}, { couldNotResolve: true }),
  ],
  options: {
    // Without these two, TypeScript 7 sources are not read at all: no modules, no violations, exit code 0.
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "(^|/)node_modules/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};

function rule(name, comment, from, to) {
  return { name, comment, severity: "error", from, to };
}

/** A package, wherever it lies. */
function npm(name) {
  return `(^|/)node_modules/${name}/`;
}

function builtin(name) {
  return `^(node:)?${name}(/|$)`;
}

/** The parser knows `using`, its walker does not, and stops at it. */
function teachUsing() {
  const visitStatement = Reflect.get(Visitor.prototype, "visitStatement");
  Visitor.prototype.visitStatement = function (statement) {
    if (statement.type !== "UsingDeclaration") return visitStatement.call(this, statement);
    return { ...statement, decls: this.visitVariableDeclarators(statement.decls) };
  };
}
