import { causeNamed, errorCode } from '../../../words/errors.ts';

/** Why there is nothing to read at a path. */
export interface Absence {
  type: 'none';
  why: 'missing' | 'unreadable' | 'directory';
  code: string;
}

export function absenceFor(error: unknown): Absence {
  const code = errorCode(error) ?? 'unknown error';
  return { type: 'none', why: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', code };
}

/** Says once that a followed file can't be read now and why, and once that it is back. */
export interface AbsenceReporter {
  readonly isAbsent: boolean;
  /** Whether that is what was said last. */
  hasReported(absence: Absence): boolean;
  /** `isRemoved`: a missing file has no name any more: it was removed, or another file was renamed over it. */
  report(absence: Absence, isRemoved?: boolean): Promise<void>;
  /** Nothing is missed: `take` stands for what is there. Neither that nor its end is said. */
  leaveTo(take: () => void, absence: Absence): void;
  reportBack(): Promise<void>;
}

export function createAbsenceReporter(name: string, notice: (text: string) => Promise<void>): AbsenceReporter {
  let reported: string | undefined;
  let isSaid = false;

  return {
    get isAbsent() {
      return reported !== undefined;
    },
    hasReported: (absence) => reported === sentenceFor(name, absence, true),
    async report(absence, isRemoved = true) {
      const sentence = sentenceFor(name, absence, isRemoved);
      if (reported === sentence) return;
      reported = sentence;
      isSaid = true;
      await notice(sentence);
    },
    leaveTo(take, absence) {
      const sentence = sentenceFor(name, absence, true);
      if (reported === sentence) return;
      reported = sentence;
      isSaid = false;
      take();
    },
    async reportBack() {
      if (reported === undefined) return;
      reported = undefined;
      if (isSaid) await notice(`${name} is there again`);
    },
  };
}

function sentenceFor(name: string, { why, code }: Absence, isRemoved: boolean): string {
  if (why === 'missing') return `${name} ${isRemoved ? 'is gone' : 'was moved away'}; waiting for it to come back`;
  if (why === 'directory') return `${name} is a directory; waiting for a file`;
  return `${name} can't be read (${code === 'EACCES' ? 'permission denied' : causeNamed(code)}); waiting for it`;
}
