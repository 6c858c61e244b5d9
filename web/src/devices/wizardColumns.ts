// What the edit wizard can change (S3 2.2.5: not names, nor types of devices, channels and protocols), one definition for its two
// modes. Values are texts here, as they are typed and pasted; `parse` makes of them what the API takes.
import type { TFunction } from 'i18next';
import { api, type Answer } from '../api/client';
import { linkFieldsOf, linkFlags, linkKinds, type LinkKind } from './LinkFields';
import { archives, presence, statuses, type Device, type Driver, type Line, type Link, type Protocol } from './registry';

export const entities = ['device', 'line', 'link', 'protocol'] as const;
export type Entity = (typeof entities)[number];

/** A device with what its only line goes over; with no line or several ones those are not for the wizard (S3 3.8). */
export interface WizardRow {
  id: number;
  serial: string;
  title: string;
  revision: number;
  device: object;
  line?: Line;
  link?: Link;
  protocol?: Protocol;
}

export interface WizardColumn {
  /** "device.group", "link.port", "protocol.spodes.client". */
  key: string;
  entity: Entity;
  /** Path in the request below the entity: ["depths", "day"]. */
  path: string[];
  title: string;
  kind: 'text' | 'number' | 'choice' | 'secret';
  choices?: { value: string; label: string }[];
  help?: string;
  applies: (row: WizardRow) => boolean;
  /** As it is now. */
  read: (row: WizardRow) => string;
  /** What is sent; undefined when the text makes no sense. */
  parse: (text: string) => unknown;
}

const at = (from: unknown, path: string[]) => path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], from);
const textOf = (value: unknown) => (value === undefined || value === null ? '' : String(value));
const number = (text: string) => (text.trim() !== '' && /^-?\d+$/.test(text.trim()) ? Number(text) : undefined);

/** A pasted word is the value or what people read for it. */
function choose(choices: { value: string; label: string }[], text: string): string | undefined {
  const word = text.trim().toLowerCase();
  return choices.find((choice) => choice.value.toLowerCase() === word || choice.label.toLowerCase() === word)?.value;
}

type Shape = Pick<WizardColumn, 'title' | 'kind' | 'choices' | 'help'> & { parse?: (text: string) => unknown };

function column(entity: Entity, path: string[], shape: Shape, applies: (row: WizardRow) => boolean, key?: string): WizardColumn {
  const { choices } = shape;
  const parse = shape.parse ?? (shape.kind === 'number' ? number : choices ? (text: string) => choose(choices, text) : (text: string) => text);
  return {
    ...shape, key: key ?? [entity, ...path].join('.'), entity, path, applies, parse,
    read: (row) => textOf(at(row[entity], path)),
  };
}

export function wizardColumns(t: TFunction, drivers: Driver[]): WizardColumn[] {
  const flag: Shape['choices'] = [{ value: 'true', label: t('app:yes') }, { value: 'false', label: t('app:no') }];
  const truth = (text: string) => ({ true: true, false: false })[choose(flag, text) ?? ''];
  const days = { kind: 'number' as const };
  const any = () => true;
  const lined = (row: WizardRow) => !!row.line;
  const columns = [
    column('device', ['group'], { title: t('devices:group'), kind: 'text' }, any),
    column('device', ['status'], { title: t('devices:status'), kind: 'choice', choices: statuses.map((value) => ({ value, label: t(`devices:statusOf.${value}`) })) }, any),
    column('device', ['enabled'], { title: t('devices:enabled'), kind: 'choice', choices: flag, parse: truth }, any),
    column('device', ['note'], { title: t('devices:note'), kind: 'text' }, any),
    column('device', ['zone_minutes'], { title: t('wizard:zoneMinutes'), kind: 'number' }, any),
    ...archives.map((archive) => column('device', ['depths', archive], { title: `${t('devices:archive.' + archive)}, ${t(presence.includes(archive) ? 'wizard:zeroOne' : 'devices:form.days')}`, ...days }, any)),
    column('line', ['address'], { title: t('devices:line.address'), kind: 'text', help: t('devices:line.addressHint') }, lined),
    column('line', ['enabled'], { title: t('devices:line.enabled'), kind: 'choice', choices: flag, parse: truth }, lined),
    column('line', ['retries'], { title: t('devices:line.retries'), kind: 'number' }, lined),
    column('line', ['priority'], { title: t('devices:line.priority'), kind: 'number' }, lined),
  ];
  for (const field of [...new Set(linkKinds.flatMap((kind) => linkFieldsOf[kind]))]) {
    const numeric = ['port', 'baud', 'connect_ms', 'answer_ms'].includes(field);
    const shape: Shape = { title: t(`links:field.${field}`), kind: linkFlags.includes(field) ? 'choice' : numeric ? 'number' : 'text', ...(linkFlags.includes(field) ? { choices: flag, parse: truth } : {}) };
    columns.push(column('link', [field], shape, (row) => !!row.link && linkFieldsOf[row.link.kind as LinkKind]?.includes(field)));
  }
  for (const driver of drivers)
    for (const parameter of driver.parameters) {
      const shape: Shape = {
        title: parameter.title, help: parameter.help, kind: parameter.secret ? 'secret' : parameter.kind === 'choice' ? 'choice' : parameter.kind === 'number' ? 'number' : 'text',
        choices: parameter.kind === 'choice' ? parameter.choices.map((value) => ({ value, label: value })) : undefined,
        parse: parameter.kind === 'number' ? (text) => (number(text) === undefined ? undefined : text.trim()) : undefined,
      };
      columns.push(column('protocol', ['parameters', parameter.name], shape, (row) => !!row.protocol && row.protocol.driver === driver.name, `protocol.${driver.name}.${parameter.name}`));
    }
  return columns;
}

/** Where the column's mistakes are named by the server: "link.port". */
export const fieldOfColumn = (column: WizardColumn) => [column.entity, ...column.path].join('.');

/** Puts a value at the column's place of a request. */
export function put(request: Record<string, unknown>, column: WizardColumn, value: unknown) {
  const names = [column.entity, ...column.path];
  let into = request;
  for (const name of names.slice(0, -1)) into = (into[name] ??= {}) as Record<string, unknown>;
  into[names[names.length - 1]] = value;
}

/** The devices as they are now. */
export async function readRows(found: Device[]): Promise<WizardRow[]> {
  if (found.length === 0) return [];
  const { items } = await api.post<Answer<'/api/v1/devices/wizard/rows', 'post'>>('/devices/wizard/rows', { ids: found.map((device) => device.id) });
  const of = new Map(items.map((item) => [item.id, item]));
  return found.flatMap(({ id, serial, title }) => {
    const item = of.get(id);
    return item ? [{ id, serial, title, revision: item.revision, device: item.device, line: item.line ?? undefined, link: item.link ?? undefined, protocol: item.protocol ?? undefined } as unknown as WizardRow] : [];
  });
}
