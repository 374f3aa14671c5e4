/** Up to which byte of which file a log's lines reach: what a restarted agent needs to continue exactly there. */
export interface FilePosition {
  /** The source's name in the log. */
  source: string;
  /** Absolute path under which the file is followed. */
  path: string;
  /** `device:inode`, decimal. */
  file: string;
  /** Bytes of the file that are in lines; reading continues here. */
  offset: number;
  /** Length in bytes (at most 1024) and crc32 of the file's head: tells a new file under a reused inode. */
  head: { length: number; crc: number };
  /**
   * When the file was last written, in microseconds since the epoch, as of the last read (rounded up): tells which
   * rotated files came after it, should it be gone. Where there was no file yet: when that was.
   */
  writtenAtUs?: number;
  /**
   * The offset is right, but the note that named the file was lost with a damaged part of the journal: this one was
   * there before.
   */
  isUnsure?: boolean;
}
