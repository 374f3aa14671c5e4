import { closeSync, openSync, readSync } from 'node:fs';

/** The kernel looks no further for either kind of name (PAGE_SIZE; BINPRM_BUF_SIZE is less). */
const headBytes = 4096;

/**
 * Path of the program that a file needs to run (`#!/usr/bin/perl`, the loader of an ELF file), undefined where it needs
 * none. Where that one can't be run, the kernel says of the file itself that it is missing, or denied.
 */
export function interpreterOf(path: string): string | undefined {
  const head = headOf(path);
  return head && (interpreterOfScript(head) ?? loaderOf(head));
}

/** Undefined where it may be run, but not read. */
function headOf(path: string): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const head = Buffer.alloc(headBytes);
    return head.subarray(0, readSync(fd, head, 0, headBytes, 0));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function interpreterOfScript(head: Buffer): string | undefined {
  const [, interpreter] = /^#![ \t]*([^ \t\n\0]+)/.exec(head.toString('latin1')) ?? [];
  return interpreter === undefined ? undefined : Buffer.from(interpreter, 'latin1').toString();
}

const elf64LittleEndian = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const interpreterSegment = 3;

/** Offsets are those of elf(5): Elf64_Ehdr and Elf64_Phdr. */
function loaderOf(head: Buffer): string | undefined {
  if (!head.subarray(0, elf64LittleEndian.length).equals(elf64LittleEndian) || head.length < 64) return undefined;
  const table = Number(head.readBigUInt64LE(32));
  const entryBytes = head.readUInt16LE(54);
  for (let at = table, left = head.readUInt16LE(56); left > 0 && at + 56 <= head.length; at += entryBytes, left--) {
    if (head.readUInt32LE(at) !== interpreterSegment) continue;
    const start = Number(head.readBigUInt64LE(at + 8));
    return head.subarray(start, head.indexOf(0, start)).toString() || undefined;
  }
  return undefined;
}
