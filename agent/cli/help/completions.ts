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
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} task=stream place=()
  local word next i options files values taking="= ${spelled('stream', ({ value }) => value !== undefined)}"
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]} next=\${COMP_WORDS[i+1]}
    # What follows is the command's own affair.
    if [[ $word == -- ]]; then
      if ((i + 1 == COMP_CWORD)); then _sse_tail_offer "$(compgen -A command -A file -- "$current")"
      else _sse_tail_offer "$(compgen -f -- "$current")"; fi
      return
    fi
    [[ $next == = ]] && next=\${COMP_WORDS[i+2]}
    case $word in
      # Unless it is the value of the option before it.
      ${names.join('|')}) [[ $task == stream && " $taking " != *" \${COMP_WORDS[i-1]} "* ]] && task=$word ;;
      --dir|--store|--nats-creds) place+=("$word" "\${next/#\\~/$HOME}") ;;
    esac
  done
  # --dir=here is three words to bash.
  [[ $previous == = ]] && previous=\${COMP_WORDS[COMP_CWORD-2]}
  case $task in
${tasks.map(bashOptions).join('\n')}
  esac
  if [[ " $files " == *" $previous "* ]]; then _sse_tail_offer "$(compgen -f -- "$current")"
  elif [[ " $values " == *" $previous "* ]]; then
    case $previous in
      --level) _sse_tail_offer "$(compgen -W "error warn info debug" -- "$current")" ;;
      --stream) _sse_tail_offer "$(compgen -W "stdout stderr" -- "$current")" ;;
    esac
  elif [[ $current == -* ]]; then _sse_tail_offer "$(compgen -W "$options" -- "$current")"
  else
    case $task in
      stream) _sse_tail_offer "$(compgen -W "${names.join(' ')}" -- "$current"; compgen -f -- "$current")" ;;
      ${takingLogs().join('|')}) _sse_tail_offer "$(compgen -W "$(sse-tail logs \${place[@]+"\${place[@]}"} 2>/dev/null | awk 'NR > 1 { print $1 }')" -- "$current")" ;;
      completions) _sse_tail_offer "$(compgen -W "${shells.join(' ')}" -- "$current")" ;;
    esac
  fi
}
# A line is a word, whatever is in it.
_sse_tail_offer() {
  local word
  while IFS= read -r word; do [[ -z $word ]] || COMPREPLY+=("$word"); done <<< "$1"
}
complete -o filenames -F _sse_tail sse-tail
`;
}

/** A letter may be a flag of one task and take a value in another. */
function bashOptions(task: Task): string {
  const files = spelled(task, isFile);
  const values = spelled(task, (option) => option.value !== undefined && !isFile(option));
  return `    ${task}) options="${spelled(task, () => true)}" files="${files}" values="${values}" ;;`;
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

function spelled(task: Task, is: (option: Option) => boolean): string {
  const chosen = optionsFor(task).filter(([, option]) => is(option));
  return chosen
    .flatMap(([name, { short }]) => (short === undefined ? [] : [`-${short}`]).concat(longName(name)))
    .join(' ');
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
