import { crosscheck } from './crosscheck.ts';
import { parseExplained } from './explain.ts';
import { type Finding, pathText } from './finding.ts';
import { freeze } from './freeze.ts';
import { fileSchema } from './schema.ts';
import { type Origin, toSettings } from './to-settings.ts';
import type { Settings, SettingsError } from './types.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

export type Loaded =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly errors: readonly SettingsError[] };

/** Reads the text of a configuration file: frozen settings, or everything that is wrong with it at once. */
export function loadSettings(text: string, origin: Origin): Loaded {
  const yaml = readYaml(text);
  const errors: SettingsError[] = yaml.mistakes.map((mistake) => ({ ...mistake, file: origin.file, path: '' }));
  if (yaml.isBroken) return { ok: false, errors };
  const raw = withoutEmpty(yaml.raw);
  const { value, findings } = parseExplained(fileSchema, raw);
  errors.push(...placed([...findings, ...crosscheck(raw)], yaml, origin.file));
  if (value === null || errors.length > 0) return { ok: false, errors: errors.sort(byPlace) };
  return { ok: true, settings: freeze(toSettings(value, origin)) };
}

/** `file:line:column: path: message`, as compilers print it. */
export function errorLine({ file, line, column, path, message }: SettingsError): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

function placed(findings: readonly Finding[], yaml: YamlText, file: string): SettingsError[] {
  return findings.map((finding) => ({
    file,
    ...yaml.place(finding),
    path: pathText(finding.path),
    message: finding.message,
  }));
}

function byPlace(a: SettingsError, b: SettingsError): number {
  return a.line - b.line || a.column - b.column;
}

/** An empty file, and a section whose every line is commented out, mean the defaults. */
function withoutEmpty(raw: unknown): unknown {
  if (raw === null || raw === undefined) return {};
  if (typeof raw !== 'object' || Array.isArray(raw)) return raw;
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null));
}
