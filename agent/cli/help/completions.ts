import type { Option } from '../options/option.ts';
import { optionsFor } from '../options/options.ts';
import { longName } from '../options/spelling.ts';
import { type Shell, type SubcommandName, shells, subcommands, type Task } from '../options/subcommands.ts';

const names = Object.keys(subcommands) as SubcommandName[];
const tasks: readonly Task[] = ['stream', ...names];

/** A script that completes options, subcommands, files and the ids of kept logs. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bashScript();
    case 'zsh':
      // zsh runs bash's completions as they are, and has them in the list of its own.
      return `autoload -U +X compinit bashcompinit\ncompinit\nbashcompinit\n${bashScript()}`;
    case 'fish':
      return fishScript();
  }
}

function bashScript(): string {
  return `# Completions of sse-tail; \`sse-tail completions bash\` prints them.
_sse_tail() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} task=stream word i options
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # What follows is the command's own affair.
    if [[ $word == -- ]]; then COMPREPLY=($(compgen -A command -A file -- "$current")); return; fi
    case $word in ${names.join('|')}) task=$word; break ;; esac
  done
  case $previous in
    ${optionsWith(isFile).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${optionsWith(({ value }) => value !== undefined && !isFile({ value })).join('|')}) COMPREPLY=(); return ;;
  esac
  case $task in
${tasks.map((task) => `    ${task}) options="${spellingsOf(task).join(' ')}" ;;`).join('\n')}
  esac
  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current")); return; fi
  case $task in
    stream) COMPREPLY=($(compgen -W "${names.join(' ')}" -- "$current") $(compgen -f -- "$current")) ;;
    ${takingLogs().join('|')}) COMPREPLY=($(compgen -W "$(sse-tail logs 2>/dev/null | awk 'NR > 1 { print $1 }')" -- "$current")) ;;
    completions) COMPREPLY=($(compgen -W "${shells.join(' ')}" -- "$current")) ;;
  esac
}
complete -o filenames -F _sse_tail sse-tail
`;
}

function fishScript(): string {
  const all = names.join(' ');
  const subcommandLines = names.map(
    (name) =>
      `complete -c sse-tail -n "not __fish_seen_subcommand_from ${all}" -a ${name} -d ${quoted(subcommands[name].help)}`,
  );
  const optionLines = tasks.flatMap((task) => {
    const when = task === 'stream' ? `not __fish_seen_subcommand_from ${all}` : `__fish_seen_subcommand_from ${task}`;
    return optionsFor(task).map(([name, option]) => {
      const short = option.short === undefined ? '' : ` -s ${option.short}`;
      const value = option.value === undefined ? '' : isFile(option) ? ' -r -F' : ' -x';
      return `complete -c sse-tail -n "${when}"${short} -l ${longName(name).slice(2)}${value} -d ${quoted(option.help)}`;
    });
  });
  return `# Completions of sse-tail; \`sse-tail completions fish\` prints them.
${subcommandLines.join('\n')}
complete -c sse-tail -n "__fish_seen_subcommand_from ${takingLogs().join(' ')}" -f -a "(sse-tail logs 2>/dev/null | awk 'NR > 1 { print \\$1 }')"
complete -c sse-tail -n "__fish_seen_subcommand_from completions" -f -a "${shells.join(' ')}"
${optionLines.join('\n')}
`;
}

function isFile({ value }: Pick<Option, 'value'>): boolean {
  return value === 'file' || value === 'path';
}

function takingLogs(): SubcommandName[] {
  return names.filter((name) => subcommands[name].operands.includes('<log>'));
}

function spellingsOf(task: Task): string[] {
  return optionsFor(task).flatMap(([name, { short }]) =>
    (short === undefined ? [] : [`-${short}`]).concat(longName(name)),
  );
}

/** Spellings of the options of any task. */
function optionsWith(is: (option: Option) => boolean): string[] {
  const chosen = tasks.flatMap((task) => optionsFor(task).filter(([, option]) => is(option)));
  // A letter may be a flag of one task and take a value in another.
  return [...new Set(chosen.map(([name]) => longName(name)))];
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
