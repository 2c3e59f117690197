/** Every statement that the store runs after its start. */
import type { DatabaseSync } from "node:sqlite";

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(database: DatabaseSync) {
  return {
    identity: database.prepare("SELECT incarnation, log_trimmed_to FROM meta"),
    dataVersion: database.prepare("PRAGMA data_version"),
    beat: database.prepare("UPDATE heartbeat SET at = ?"),
    greatestLifetime: database.prepare("SELECT greatest_lifetime_ms FROM meta"),

    logAppend: database.prepare(
      "INSERT INTO revocation_log (at, digest, cut_off, keep_until, sealed) VALUES (?, ?, ?, ?, ?) RETURNING position",
    ),
    logHead: database.prepare("SELECT position, at FROM revocation_log ORDER BY position DESC LIMIT 1"),
    // From a position on, itself included: whether it is still there is seen from the first row.
    logRead: database.prepare("SELECT * FROM revocation_log WHERE position >= ? ORDER BY position LIMIT ?"),
    logEntry: database.prepare("SELECT at FROM revocation_log WHERE position = ?"),
    liveRead: database.prepare("SELECT cut_off, keep_until FROM live_revocations WHERE digest = ?"),
    livePut: database.prepare(
      "INSERT OR REPLACE INTO live_revocations (digest, cut_off, keep_until, sealed) VALUES (?, ?, ?, ?)",
    ),
    livePage: database.prepare(
      "SELECT digest, cut_off, keep_until FROM live_revocations WHERE digest > ? ORDER BY digest LIMIT ?",
    ),
    liveSealed: database.prepare("SELECT sealed FROM live_revocations WHERE digest = ?"),

    commonTime: database.prepare("SELECT max(at) AS at FROM revocation_log WHERE at <= ?"),
    healingNote: database.prepare("INSERT INTO healings (from_at, to_position, to_at) VALUES (?, ?, ?)"),
    isHealed: database.prepare(`
      SELECT EXISTS (SELECT 1 FROM healings WHERE from_at <= ? AND to_position >= ? AND to_at >= ?) AS is_healed
    `),

    familyCreate: database.prepare(`
      INSERT INTO families
        (id, generation, mac_key_id, rotated_at, idle_expires_at, expires_at, dead, request, context, sealed)
      VALUES (?, 0, ?, ?, ?, ?, 0, x'', x'', ?) ON CONFLICT (id) DO NOTHING
    `),
    familyRead: database.prepare("SELECT * FROM families WHERE id = ?"),
    familyRotate: database.prepare(`
      UPDATE families SET generation = ?, mac_key_id = ?, rotated_at = ?, idle_expires_at = ?, request = ?, context = ?
      WHERE id = ?
    `),
    familyKill: database.prepare("UPDATE families SET dead = 1 WHERE id = ? AND dead = 0"),

    opaquePut: database.prepare("INSERT OR IGNORE INTO opaque_tokens (digest, expires_at, sealed) VALUES (?, ?, ?)"),
    // A row of the usual size comes back whether or not there is one: the time does not tell.
    opaqueGet: database.prepare(`
      SELECT known.sealed IS NOT NULL AS is_known, coalesce(known.sealed, zeroblob(400)) AS sealed
      FROM (SELECT ? AS digest) AS asked LEFT JOIN opaque_tokens AS known ON known.digest = asked.digest
    `),

    replayPut: database.prepare(
      "INSERT INTO replays (key, expires_at, request) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
    ),
    replayRequest: database.prepare("SELECT request FROM replays WHERE key = ?"),

    networksRead: database.prepare("SELECT sketch FROM networks WHERE token = ? AND half = ?"),
    networksPut: database.prepare(`
      INSERT INTO networks (token, half, expires_at, sketch) VALUES (?, ?, ?, ?)
      ON CONFLICT (token, half) DO UPDATE SET sketch = excluded.sketch
    `),
    // Those that came first.
    networksForget: database.prepare("DELETE FROM networks WHERE id <= (SELECT max(id) FROM networks) - ?"),

    keyringRead: database.prepare("SELECT version, records FROM keyring"),
    keyringSwap: database.prepare("UPDATE keyring SET version = version + 1, records = ? WHERE version = ?"),

    // Each takes the time up to which things go, and how many at most.
    purgeLive: database.prepare(`
      DELETE FROM live_revocations WHERE digest IN
        (SELECT digest FROM live_revocations WHERE keep_until <= ? ORDER BY keep_until LIMIT ?)
    `),
    purgeFamilies: database.prepare(
      "DELETE FROM families WHERE id IN (SELECT id FROM families WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
    ),
    purgeOpaqueTokens: database.prepare(`
      DELETE FROM opaque_tokens WHERE digest IN
        (SELECT digest FROM opaque_tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
    `),
    purgeReplays: database.prepare(
      "DELETE FROM replays WHERE key IN (SELECT key FROM replays WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
    ),
    purgeNetworks: database.prepare(
      "DELETE FROM networks WHERE id IN (SELECT id FROM networks WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
    ),
    // The newest entry stays whatever its age: it is the head that a revision names.
    trimmable: database.prepare(`
      SELECT max(position) AS position FROM (SELECT position, at FROM revocation_log ORDER BY position LIMIT ?2)
      WHERE at <= ?1 AND position < (SELECT max(position) FROM revocation_log)
    `),
    trimLog: database.prepare("DELETE FROM revocation_log WHERE position <= ?"),
    recordTrim: database.prepare("UPDATE meta SET log_trimmed_to = ?"),
  };
}
