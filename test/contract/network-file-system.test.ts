import { expect, test } from "vitest";
import { networkFileSystem, refuseNetworkFileSystem } from "../../src/store/sqlite/network-file-system.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const FUSE = 0x65735546;

test.for([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0xff534d42 | 0, "CIFS"],
  [0x01021997, "9p"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x0bd00bd0, "Lustre"],
] as const)("file system type %i is refused as %s", ([type, name]) => {
  expect(networkFileSystem(type)).toBe(name);
});

test.for([
  ["ext4", 0xef53],
  ["xfs", 0x58465342],
  ["btrfs", 0x9123683e],
  ["tmpfs", 0x01021994],
  ["overlayfs", 0x794c7630],
  ["zfs", 0x2fc12fc1],
] as const)("%s is not refused", ([, type]) => {
  expect(networkFileSystem(type)).toBeUndefined();
});

test.for(["fuse.sshfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse"])(
  "behind FUSE %s is refused",
  (mount) => {
    expect(networkFileSystem(FUSE, mount)).toBe(mount.slice(5));
  },
);

test.for(["fuseblk", "fuse.gocryptfs", "fuse.bindfs", undefined])("behind FUSE %s is not refused", (mount) => {
  expect(networkFileSystem(FUSE, mount)).toBeUndefined();
});

test("a folder of this machine is not refused", async () => {
  const folder = await temporaryDirectory();
  expect(() => refuseNetworkFileSystem(folder, `${folder}/assay.db`)).not.toThrow();
});
