import { createBuildStepReader } from './build-steps.ts';
import { tokens } from './escapes/escapes.ts';
import { withoutPrefix } from './line-prefix.ts';
import type { Marker } from './marker.ts';
import { withoutTime } from './time/time-prefix.ts';

/** Reads the markers of one speaker's lines, in order. */
export interface MarkerReader {
  /** @param line as it is; `visible` without escape sequences; `id` its number */
  read(line: string, visible: string, id: number): readonly Marker[];
}

const none: readonly Marker[] = [];

export function createMarkerReader(): MarkerReader {
  const commands = createStoppableCommands();
  const kept = createKeptSteps();
  let shell: string | undefined;
  const steps = createBuildStepReader();

  return {
    read(line, visible, id) {
      const hidden = line.length !== visible.length && line.includes('\x1b') ? hiddenIn(line) : undefined;
      if (hidden !== undefined) {
        const markers = [...foldMarkers(hidden.strings, visible), ...shellMarkers(hidden)];
        if (markers.length > 0) return markers;
      }
      let text = withoutTime(visible);
      if (text.charCodeAt(0) === 0x23 && isDigit(text.charCodeAt(1))) {
        const markers = steps.read(text, id);
        if (markers.length > 0) return markers;
        text = withoutPrefix(text);
      }
      const first = text.charCodeAt(0);
      // `#`, `:`, `-`, `+`, `~`, `^`: what no marker begins with is most lines, and costs only this.
      if (first === 0x23) return hashMarkers(text, kept);
      if (first === 0x3a) return workflowMarkers(text);
      if (first === 0x2d || first === 0x2b || first === 0x7e || first === 0x5e) {
        return buildkiteMarkers(text, hidden?.strings.some((one) => one.startsWith('bk;')) === true);
      }
      return none;
    },
  };

  function workflowMarkers(text: string): readonly Marker[] {
    if (commands.areStoppedAt(text)) return none;
    const found = workflowCommand.exec(text);
    if (found === null) return none;
    const [, command = '', parameters = '', message = ''] = found;
    return githubMarkers(command, message, propertiesOf(parameters, ',', unescapeGithub));
  }

  function shellMarkers({ strings, visibleAfterPrompt }: Hidden): Marker[] {
    const markers: Marker[] = [];
    for (const text of strings) {
      const [, kind, rest = ''] = /^133;([ABCD])(?:;(.*))?$/s.exec(text) ?? [];
      if (kind === 'B') shell = visibleAfterPrompt.trim();
      if (kind === 'C') {
        const commandLine = /(?:^|;)cmdline_url=([^;]*)/.exec(rest)?.[1];
        const title = commandLine === undefined ? (shell ?? '') : decoded(commandLine);
        markers.push({ type: 'open', title: title === '' ? 'command' : title, key: 'shell' });
      }
      if (kind === 'D') {
        const code = exitCode.exec(rest)?.[1];
        const ended = code === undefined ? {} : { isFailed: Number(code) !== 0, code: Number(code) };
        markers.push({ type: 'close', key: 'shell', ...ended });
      }
    }
    return markers;
  }
}

/** Reads the commands of one speaker's kept log, in order. */
interface KeptSteps {
  /** Undefined for what has nothing to do with them. */
  read(command: string, message: string): readonly Marker[] | undefined;
}

/**
 * Steps in a log as GitHub keeps it: a group has what the runner says about one, and what the step prints comes after
 * it, up to the next one, or to what the runner says of its failure. Of what runs elsewhere (`::group::Run tests`) a
 * group is what it seems to be.
 */
function createKeptSteps(): KeptSteps {
  let isInHead = false;

  return {
    read(command, message) {
      if (command === 'group' && message.startsWith('Run ')) {
        isInHead = true;
        return [{ type: 'section', title: message.trim(), key: keptStep }];
      }
      if (command === 'endgroup' && isInHead) {
        isInHead = false;
        return [{ type: 'close', key: keptHead }];
      }
      // The step may have begun in a part of the log that is read elsewhere.
      const code = command === 'error' ? failedStep.exec(message)?.[1] : undefined;
      if (code === undefined) return undefined;
      const ended: Marker = { type: 'close', key: keptStep, isFailed: true, code: Number(code) };
      return [...githubMarkers(command, message, new Map()), ended];
    },
  };
}

export const keptStep = 'github-step';
/** Of what is said about a step, which is no group of its own: its end ends nothing, unless it turns out to be one. */
export const keptHead = 'github-head';
/** What each section of Azure's own logs begins with. */
export const azureKey = 'azure:';
export const githubKey = 'github';
const failedStep = /^Process completed with exit code (\d{1,10})\.\s*$/;

const exitCode = /^(-?\d{1,10})(?:;|$)/;

/** Reads what one speaker's lines say that begin with `::`, in order. */
export interface StoppableCommands {
  /**
   * Whether a line is no command, whatever it says: between `::stop-commands::token` and `::token::`.
   *
   * @param text without what a build server put before it
   */
  areStoppedAt(text: string): boolean;
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function createStoppableCommands(): StoppableCommands {
  let until: string | undefined;

  return {
    areStoppedAt(text) {
      const wereStopped = until !== undefined;
      if (!wereStopped) until = stopCommand.exec(text)?.[1]?.trim();
      else if (text.trimEnd() === `::${until}::`) until = undefined;
      return wereStopped;
    },
  };
}

const stopCommand = /^::stop-commands::(\S.{0,999})$/;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

interface Hidden {
  /** What control strings hold. */
  strings: string[];
  /** What is seen after the end of a shell's prompt. */
  visibleAfterPrompt: string;
}

function hiddenIn(line: string): Hidden | undefined {
  const strings: string[] = [];
  let visibleAfterPrompt = '';
  for (const token of tokens(line)) {
    if (token.type === 'text') visibleAfterPrompt += token.text;
    if (token.type !== 'string') continue;
    strings.push(token.text);
    if (token.text.startsWith('133;B')) visibleAfterPrompt = '';
  }
  return strings.length === 0 ? undefined : { strings, visibleAfterPrompt };
}

const gitlabSection = /section_(start|end):(\d{9,11}):([\w.-]+)(?:\[([^\]]*)\])?/g;
const travisFold = /travis_fold:(start|end):([\w.:-]+)/g;
const travisTime = /travis_time:end:[^:]*:start=(\d+),finish=(\d+)/g;

/** GitLab's and Travis's, which are kept in a control string. */
function foldMarkers(strings: readonly string[], visible: string): Marker[] {
  const markers: Marker[] = [];
  const title = withoutTime(visible).trim();
  for (const text of strings) {
    for (const [, kind, seconds, name = '', options = ''] of text.matchAll(gitlabSection)) {
      const time = Number(seconds) * 1000;
      const key = `gitlab:${name}`;
      if (kind === 'end') markers.push({ type: 'close', key, time });
      else if (/(?:^|,)collapsed=true/.test(options))
        markers.push({ type: 'open', title: title || name, key, time, collapsed: true });
      else markers.push({ type: 'open', title: title || name, key, time });
    }
    for (const [, start, finish] of text.matchAll(travisTime)) {
      markers.push({ type: 'took', key: 'travis:', ms: Math.round((Number(finish) - Number(start)) / 1e6) });
    }
    for (const [, kind, name = ''] of text.matchAll(travisFold)) {
      const key = `travis:${name}`;
      if (kind === 'end') markers.push({ type: 'close', key });
      else markers.push({ type: 'open', title: title || name, key, collapsed: true });
    }
  }
  return markers;
}

const workflowCommand = /^::([\w-]+)(?:\s([^:]*(?::(?!:)[^:]*)*))?::(.*)$/s;

function githubMarkers(command: string, message: string, properties: ReadonlyMap<string, string>): readonly Marker[] {
  const text = unescapeGithub(message).trim();
  if (command === 'group') return [{ type: 'open', title: text, key: githubKey }];
  if (command === 'endgroup') return [{ type: 'close', key: githubKey }];
  if (command !== 'error' && command !== 'warning') return none;
  return [problem(command, text || (properties.get('title') ?? ''), properties.get('file'), properties.get('line'))];
}

function unescapeGithub(text: string): string {
  return text.replace(/%(0D|0A|25|3A|2C)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const hashCommand = /^##\[([\w-]+)\](.*)$/s;
const vsoCommand = /^##vso\[([\w.]+)(?:\s([^\]]*))?\](.*)$/s;
const teamcityMessage = /^##teamcity\[(\w+)((?:\s+(?:\w+=)?'(?:[^'|]|\|.)*')*)\s*\]\s*$/s;

/** GitHub as it keeps them, Azure, TeamCity. */
function hashMarkers(text: string, kept: KeptSteps): readonly Marker[] {
  const hash = hashCommand.exec(text);
  if (hash !== null) {
    const [, command = '', message = ''] = hash;
    const step = kept.read(command, message);
    if (command !== 'section') return step ?? githubMarkers(command, message, new Map());
    const [, kind, title = ''] = /^\s*(Starting|Finishing): (.*)$/.exec(message) ?? [];
    if (kind === undefined) return none;
    return kind === 'Starting'
      ? [{ type: 'open', title: title.trim(), key: azureKey + title.trim() }]
      : [{ type: 'close', key: azureKey + title.trim() }];
  }
  const vso = vsoCommand.exec(text);
  if (vso !== null) return azureMarkers(vso);
  const teamcity = teamcityMessage.exec(text);
  return teamcity === null ? none : serviceMarkers(teamcity[1] as string, valuesOf(teamcity[2] as string));
}

function azureMarkers([, command, parameters = '', message = '']: RegExpExecArray): readonly Marker[] {
  const properties = propertiesOf(parameters, ';', (value) => value);
  if (command === 'task.complete' && properties.get('result') === 'Failed') return [{ type: 'failed', key: azureKey }];
  const type = properties.get('type');
  if (command !== 'task.logissue' || (type !== 'error' && type !== 'warning')) return none;
  return [problem(type, message.trim(), properties.get('sourcepath'), properties.get('linenumber'))];
}

/** What TeamCity opens, and the property that names it. */
const teamcityBlocks: Readonly<Record<string, string>> = {
  block: 'name',
  testSuite: 'name',
  test: 'name',
  compilation: 'compiler',
  progress: '',
};

function valuesOf(parameters: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of parameters.matchAll(/(?:(\w+)=)?'((?:[^'|]|\|.)*)'/gs)) {
    values.set(name, unescapeTeamcity(value));
  }
  return values;
}

function serviceMarkers(message: string, values: ReadonlyMap<string, string>): readonly Marker[] {
  const flow = values.get('flowId') ?? '';
  if (flow === '') return teamcityMarkers(message, values, flow);
  const ofFlow = { key: 'teamcity:', flow };
  if (message === 'flowFinished') return [{ type: 'flowEnd', ...ofFlow }];
  if (message !== 'flowStarted') return [{ type: 'said', ...ofFlow }, ...teamcityMarkers(message, values, flow)];
  const parent = values.get('parent') ?? '';
  return [{ type: 'flow', ...ofFlow, ...(parent !== '' && { parent }) }];
}

function teamcityMarkers(message: string, values: ReadonlyMap<string, string>, flow: string): readonly Marker[] {
  const [, block = '', verb] = /^(\w+?)(Opened|Started|Start|Closed|Finished|Finish|Failed)$/.exec(message) ?? [];
  const text = values.get('message') ?? values.get('text') ?? values.get('description') ?? '';
  if (message === 'buildProblem') return [problem('error', text, undefined, undefined)];
  if (message === 'message') return teamcityProblem(values.get('status'), values.get('text') ?? '');
  const named = teamcityBlocks[block];
  if (named === undefined) return none;
  const title = values.get(named) ?? values.get('name') ?? '';
  const key = `teamcity:${block}:${title}`;
  if (verb === 'Failed')
    return [problem('error', `${title}: ${text}`, undefined, undefined), { type: 'failed', key, flow }];
  if (verb === 'Opened' || verb === 'Started' || verb === 'Start') return [{ type: 'open', title, key, flow }];
  const ms = Number(values.get('duration') ?? Number.NaN);
  return [Number.isFinite(ms) ? { type: 'close', key, flow, ms } : { type: 'close', key, flow }];
}

function teamcityProblem(status: string | undefined, text: string): readonly Marker[] {
  if (status === 'ERROR' || status === 'FAILURE') return [problem('error', text, undefined, undefined)];
  return status === 'WARNING' ? [problem('warning', text, undefined, undefined)] : none;
}

function unescapeTeamcity(text: string): string {
  return text.replace(/\|(?:0x([\da-fA-F]{4})|(.))/gs, (_, hex: string | undefined, sign: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return sign === 'n' || sign === 'r' ? ' ' : sign;
  });
}

const buildkiteHeader = /^(---|\+\+\+|~~~) (\S.*)$/;
/** The heads of a diff, and of Go's test results. */
const noHeader = /^(?:---|\+\+\+) (?:"?[ab]\/|\/dev\/null|(?:FAIL|PASS|SKIP|BENCH): |.*\t\d{4}-)/;
/** What others print around a title, too: `--- example.com ping statistics ---`, Python's `--- Logging error ---`. */
const banner = /\s---$/;

/** @param isOfBuildkite the line carries its time: no other program has put it there */
function buildkiteMarkers(text: string, isOfBuildkite: boolean): readonly Marker[] {
  if (text.trimEnd() === '^^^ +++') return [{ type: 'expand', key: 'buildkite' }];
  const found = buildkiteHeader.exec(text);
  if (found === null || noHeader.test(text) || (banner.test(text) && !isOfBuildkite)) return none;
  const title = (found[2] as string).trim();
  return found[1] === '+++'
    ? [{ type: 'section', title, key: 'buildkite' }]
    : [{ type: 'section', title, key: 'buildkite', collapsed: true }];
}

function problem(kind: string, text: string, file: string | undefined, line: string | undefined): Marker {
  const level = kind === 'error' ? 'error' : 'warn';
  return {
    type: 'problem',
    level,
    text,
    ...(file && { file }),
    ...(line && /^\d{1,9}$/.test(line) && { line: Number(line) }),
  };
}

function propertiesOf(text: string, separator: string, decode: (value: string) => string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=');
    if (equals > 0) properties.set(pair.slice(0, equals).trim(), decode(pair.slice(equals + 1)).trim());
  }
  return properties;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
