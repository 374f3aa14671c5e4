import { errorCode } from '../../../words/errors.ts';

/** Why there is nothing to read at a path. */
export interface Absence {
  type: 'none';
  why: 'missing' | 'unreadable' | 'folder';
  code: string;
}

export function absenceFor(error: unknown): Absence {
  const code = errorCode(error) ?? 'unknown error';
  return { type: 'none', why: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', code };
}

/** Says once that a followed file can't be read now and why, and once that it is back. */
export interface AbsenceNews {
  readonly isAbsent: boolean;
  /** Whether that is what was said last. */
  hasTold(absence: Absence): boolean;
  /** `isRemoved`: a missing file was not just renamed. */
  tell(absence: Absence, isRemoved?: boolean): Promise<void>;
  tellBack(): Promise<void>;
}

export function createAbsenceNews(name: string, notice: (text: string) => Promise<void>): AbsenceNews {
  let told: string | undefined;

  return {
    get isAbsent() {
      return told !== undefined;
    },
    hasTold: (absence) => told === sentenceFor(name, absence, true),
    async tell(absence, isRemoved = true) {
      const sentence = sentenceFor(name, absence, isRemoved);
      if (told === sentence) return;
      told = sentence;
      await notice(sentence);
    },
    async tellBack() {
      if (told === undefined) return;
      told = undefined;
      await notice(`${name} is there again`);
    },
  };
}

function sentenceFor(name: string, { why, code }: Absence, isRemoved: boolean): string {
  if (why === 'missing') return `${name} was ${isRemoved ? 'removed' : 'moved away'}; waiting for it to come back`;
  if (why === 'folder') return `${name} is a folder; waiting for a file`;
  return `${name} can't be read (${code === 'EACCES' ? 'permission denied' : code}); waiting for it`;
}
