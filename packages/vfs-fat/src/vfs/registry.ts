import {
  TOS_CFG_VFS_PATH_MAX,
  VFS_ERR_DEVICE_ALREADY_REGISTERED,
  VFS_ERR_DEVICE_NOT_REGISTERED,
  VFS_ERR_FS_ALREADY_MOUNTED,
  VFS_ERR_FS_ALREADY_REGISTERED,
  VFS_ERR_FS_NOT_MOUNT,
  VFS_ERR_FS_NOT_REGISTERED,
  VFS_ERR_INODE_BUSY,
  VFS_ERR_INODE_CREATE_FAILED,
  VFS_ERR_INODE_INAVALIABLE,
  VFS_ERR_INODE_INVALID,
  VFS_ERR_NONE,
  VFS_ERR_OPS_FAILED,
  VFS_ERR_OPS_NULL,
  VFS_ERR_PARA_INVALID,
  VFS_ERR_PATH_TOO_LONG,
} from './constants.js';
import { VfsDefect } from './defect.js';
import { InodeTable } from './inode-table.js';
import { byteLength } from './names.js';
import {
  operationsOf,
  type VfsBehaviour,
  type VfsBlockDeviceOperations,
  type VfsCharDeviceOperations,
  type VfsDriver,
  type VfsFileSystemOperations,
  type VfsMode,
} from './operations.js';
import type { VfsFileSystemInode, VfsInode } from './structures.js';

/** How a VFS behaves. */
export interface VfsOptions {
  /** `correct` unless given. */
  readonly behaviour?: VfsBehaviour;
  /** In `correct`, told once of each way in which the board would behave otherwise than what was just done. */
  readonly onDifference?: (message: string) => void;
}

/** Devices, file systems and mount points (tos_vfs_device.c, tos_vfs_fs.c). All results are `vfs_err_t`: 0 or positive. */
export class VfsRegistry {
  readonly behaviour: VfsBehaviour;
  /** What drivers are told of this VFS. */
  protected readonly mode: VfsMode;
  protected readonly inodes: InodeTable;
  readonly #fileSystems = new Map<string, VfsFileSystemOperations>();
  readonly #mountedDevices = new Map<VfsInode, VfsInode>();

  constructor(options: VfsOptions = {}) {
    const { behaviour = 'correct', onDifference } = options;
    const told = new Set<string>();
    this.behaviour = behaviour;
    this.inodes = new InodeTable(behaviour === 'parity');
    this.mode = {
      behaviour,
      differs(message) {
        if (behaviour === 'parity' || onDifference === undefined || told.has(message)) return;
        told.add(message);
        onDifference(message);
      },
    };
  }

  protected get parity(): boolean {
    return this.behaviour === 'parity';
  }

  /** `tos_vfs_block_device_register` */
  blockDeviceRegister(
    deviceName: string | null,
    ops: VfsBlockDeviceOperations | VfsDriver<VfsBlockDeviceOperations>,
  ): number {
    return this.#register('tos_vfs_block_device_register', deviceName, (name) => ({
      type: 1,
      refs: 0,
      private: null,
      name,
      ops: operationsOf(ops, this.mode),
    }));
  }

  /** `tos_vfs_block_device_unregister` */
  blockDeviceUnregister(deviceName: string | null): number {
    return this.#unregister('tos_vfs_block_device_unregister', deviceName, 1);
  }

  /** `tos_vfs_char_device_register` */
  charDeviceRegister(
    deviceName: string | null,
    ops: VfsCharDeviceOperations | VfsDriver<VfsCharDeviceOperations>,
  ): number {
    return this.#register('tos_vfs_char_device_register', deviceName, (name) => ({
      type: 0,
      refs: 0,
      private: null,
      name,
      ops: operationsOf(ops, this.mode),
    }));
  }

  /** `tos_vfs_char_device_unregister` */
  charDeviceUnregister(deviceName: string | null): number {
    return this.#unregister('tos_vfs_char_device_unregister', deviceName, 0);
  }

  /** `tos_vfs_fs_register` */
  fsRegister(fsName: string | null, ops: VfsFileSystemOperations | VfsDriver<VfsFileSystemOperations> | null): number {
    if (fsName === null || ops === null) return VFS_ERR_PARA_INVALID;
    if (this.#fileSystems.has(fsName)) return VFS_ERR_FS_ALREADY_REGISTERED;
    this.#fileSystems.set(fsName, operationsOf(ops, this.mode));
    return VFS_ERR_NONE;
  }

  /** `tos_vfs_fs_unregister`; what is mounted stays mounted. */
  fsUnregister(fsName: string | null): number {
    if (fsName === null) return VFS_ERR_PARA_INVALID;
    return this.#fileSystems.delete(fsName) ? VFS_ERR_NONE : VFS_ERR_FS_NOT_REGISTERED;
  }

  /**
   * `tos_vfs_fs_mount`
   * @param devicePath name of a registered device
   * @param dir mount point, at most 31 bytes; it needs no parent
   * @param fsName name of a registered file system
   */
  fsMount(devicePath: string | null, dir: string | null, fsName: string | null): number {
    const where = 'tos_vfs_fs_mount';
    if (fsName === null || devicePath === null || dir === null) return this.nullString(where);
    const ops = this.#fileSystems.get(fsName);
    if (ops === undefined) return VFS_ERR_FS_NOT_REGISTERED;
    const device = this.inodes.find(devicePath)?.inode;
    if (device === undefined) return VFS_ERR_DEVICE_NOT_REGISTERED;
    if (device.type === 2) return VFS_ERR_INODE_INVALID;
    const taken = this.inodes.find(dir)?.inode;
    if (taken !== undefined) return taken.type === 2 ? VFS_ERR_FS_ALREADY_MOUNTED : VFS_ERR_INODE_INAVALIABLE;
    const inode = this.inodes.create<VfsFileSystemInode>({ type: 2, refs: 0, private: null, name: dir, ops });
    if (inode === undefined) return VFS_ERR_INODE_CREATE_FAILED;
    const result = this.#bind(inode, device);
    if (result === VFS_ERR_NONE) {
      if (!this.parity) {
        this.inodes.reference(device);
        this.#mountedDevices.set(inode, device);
      }
    } else if (!this.parity) {
      this.inodes.remove(inode);
      this.mode.differs(
        `${where} failed: the board keeps the mount point, answers ${VFS_ERR_FS_ALREADY_MOUNTED} to the next attempt and lets files be opened on the half-made volume`,
      );
    }
    return result;
  }

  /** `tos_vfs_fs_umount` */
  fsUmount(dir: string | null): number {
    const where = 'tos_vfs_fs_umount';
    if (dir === null) return this.nullString(where);
    const inode = this.inodes.find(dir)?.inode;
    if (inode === undefined) return VFS_ERR_FS_NOT_MOUNT;
    if (inode.type !== 2) return VFS_ERR_INODE_INAVALIABLE;
    if (this.inodes.isBusy(inode)) return VFS_ERR_INODE_BUSY;
    if (inode.ops.unbind === undefined) return VFS_ERR_OPS_NULL;
    if (inode.ops.unbind(inode) !== 0) return VFS_ERR_OPS_FAILED;
    this.mode.differs(`${where}: the board always answers ${VFS_ERR_INODE_BUSY} (busy)`);
    const device = this.#mountedDevices.get(inode);
    if (device !== undefined) this.inodes.release(device);
    this.#mountedDevices.delete(inode);
    this.inodes.remove(inode);
    return VFS_ERR_NONE;
  }

  /**
   * `tos_vfs_fs_mkfs`
   * @param opt for FatFs the `FM_*` bits: 1 FAT12/16, 2 FAT32, 8 no partition table
   * @param arg for FatFs the cluster size in bytes, 0 for a default
   */
  fsMkfs(devicePath: string | null, fsName: string | null, opt: number, arg: number): number {
    if (fsName === null || devicePath === null) return this.nullString('tos_vfs_fs_mkfs');
    const ops = this.#fileSystems.get(fsName);
    if (ops === undefined) return VFS_ERR_FS_NOT_REGISTERED;
    const device = this.inodes.find(devicePath)?.inode;
    if (device === undefined) return VFS_ERR_DEVICE_NOT_REGISTERED;
    if (device.type === 2) return VFS_ERR_INODE_INVALID;
    if (ops.mkfs === undefined) return VFS_ERR_OPS_NULL;
    return ops.mkfs(device, opt, arg) === 0 ? VFS_ERR_NONE : VFS_ERR_OPS_FAILED;
  }

  /** The answer to a null string where the board's code measures it without looking. */
  protected nullString(where: string): number {
    const message = 'the board measures a null string';
    if (this.parity) throw new VfsDefect('NULL_PATH', where, message);
    this.mode.differs(`${where}: ${message}`);
    return VFS_ERR_PARA_INVALID;
  }

  #bind(inode: VfsFileSystemInode, device: VfsInode): number {
    if (inode.ops.bind === undefined) return VFS_ERR_OPS_NULL;
    return inode.ops.bind(inode, device) === 0 ? VFS_ERR_NONE : VFS_ERR_OPS_FAILED;
  }

  #register(where: string, name: string | null, make: (name: string) => VfsInode): number {
    if (name === null) return this.nullString(where);
    if (byteLength(name) > TOS_CFG_VFS_PATH_MAX) return VFS_ERR_PATH_TOO_LONG;
    const made = make(name);
    const existing = this.inodes.find(name)?.inode;
    if (existing !== undefined) {
      return existing.type === made.type ? VFS_ERR_DEVICE_ALREADY_REGISTERED : VFS_ERR_INODE_INAVALIABLE;
    }
    return this.inodes.create(made) === undefined ? VFS_ERR_INODE_CREATE_FAILED : VFS_ERR_NONE;
  }

  #unregister(where: string, name: string | null, type: VfsInode['type']): number {
    if (name === null) return this.nullString(where);
    if (byteLength(name) > TOS_CFG_VFS_PATH_MAX) return VFS_ERR_PATH_TOO_LONG;
    const inode = this.inodes.find(name)?.inode;
    if (inode === undefined) return VFS_ERR_DEVICE_NOT_REGISTERED;
    if (inode.type !== type) return VFS_ERR_INODE_INVALID;
    if (this.inodes.isBusy(inode)) return VFS_ERR_INODE_BUSY;
    this.mode.differs(`${where}: the board always answers ${VFS_ERR_INODE_BUSY} (busy)`);
    this.inodes.remove(inode);
    return VFS_ERR_NONE;
  }
}
