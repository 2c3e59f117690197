/** Where SQLite's locks and shared memory do not reach other hosts, and an fsync may not reach the disk. */
import { readFileSync, realpathSync, statfsSync } from "node:fs";
import { StartError } from "../../core/start-error.ts";

/** Of Linux: statfs(2), and `include/uapi/linux/magic.h`. */
const NETWORK_TYPES = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9p"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x00c36400, "Ceph"],
  [0x564c, "NCP"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x7461636f, "OCFS2"],
  [0x01161970, "GFS2"],
  [0x19830326, "BeeGFS"],
  [0x786f4256, "VirtualBox shared folder"],
]);

const FUSE = 0x65735546;

/** What lies behind FUSE is told by the mount's type alone. */
const NETWORK_FUSE =
  /^fuse\.(sshfs|s3fs|glusterfs|rclone|gcsfuse|davfs2?|ceph|ceph-fuse|curlftpfs|smbnetfs|juicefs|nfs.*|.*s3.*)$/i;

/**
 * @param type of statfs(2), on Linux
 * @param mountType of the mount, where it is known: `fuse.sshfs`, say
 * @returns its name when it is one, else undefined
 */
export function networkFileSystem(type: number, mountType?: string): string | undefined {
  // A negative number where the platform's field is a signed one of 32 bits.
  const magic = type >>> 0;
  if (magic === FUSE) {
    return mountType !== undefined && NETWORK_FUSE.test(mountType) ? mountType.slice("fuse.".length) : undefined;
  }
  return NETWORK_TYPES.get(magic);
}

/** @param present the store's file, or its folder where it is yet to be made @throws StartError */
export function refuseNetworkFileSystem(present: string, path: string): void {
  if (process.platform !== "linux") {
    return;
  }
  const { type } = statfsSync(present);
  const name = networkFileSystem(type, type >>> 0 === FUSE ? typeOfMount(realpathSync(present)) : undefined);
  if (name !== undefined) {
    throw new StartError(
      `The store file ${path} lies on a network file system (${name}), where acknowledged revocations may be lost. ` +
        "Name a file on a disk of this machine in store.url, or a Redis for several machines.",
    );
  }
}

/** Of the mount that a path lies in: the one with the longest mount point, the last of those mounted over each other. */
function typeOfMount(path: string): string | undefined {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      return { point: before.split(" ")[4] ?? "", type: after.split(" ")[0] };
    });
  const around = mounts.filter(({ point }) => point !== "" && `${path}/`.startsWith(point === "/" ? "/" : `${point}/`));
  return around.toSorted((one, other) => one.point.length - other.point.length).at(-1)?.type;
}
