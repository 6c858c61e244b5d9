// Tasks, runs and relays as the server tells them (docs/api-tasks.md).
import type { Answer, Row } from '../api/client';

export type RunResult = Run['result'];
export type Schedule = NonNullable<Answer<'/api/v1/tasks/{id}'>['schedule']>;
export type ScheduleKind = Schedule['kind'];
export type Group = Row<'/api/v1/groups'>;

/** A device as it is named in choices: what every list of devices has of it. */
export interface Chosen {
  id: number;
  serial: string;
  title: string;
}

export interface Measurement {
  archive: 'current' | 'network' | 'day' | 'month' | 'profile' | 'hour';
  depth_days: number;
  registers: string[];
  again: boolean;
}

export interface Command {
  kind: 'relay-off' | 'relay-on' | 'clock-read' | 'clock-correct' | 'clock-set';
  relay: number;
}

/** What is wanted of meters. */
export interface Work {
  owed: boolean;
  measurements: Measurement[];
  events: { depth_days: number; journals: number[] } | null;
  states: boolean;
  /** Is it there: the test of a link. */
  contact?: boolean;
  commands: Command[];
}

export interface Run extends Omit<Answer<'/api/v1/runs/{id}'>, 'work'> {
  work: Work | null;
}

export type RunDevice = Row<'/api/v1/runs/{id}/devices'>;

export interface TaskRow extends Omit<Row<'/api/v1/tasks'>, 'run' | 'schedule'> {
  run: Run | null;
  schedule: Schedule | null;
}

export interface Task extends TaskRow {
  devices: number[];
  groups: number[];
  work: Work | null;
  reason: string;
}

export const archives = ['current', 'day', 'month', 'profile', 'hour', 'network'] as const;
export const commands = ['relay-off', 'relay-on', 'clock-read', 'clock-correct', 'clock-set'] as const;
/** 0: the load's, 1..32: of signals, and the outputs of I/O modules. */
export const relayNumbers = Array.from({ length: 33 }, (_, n) => n);
export const nothing: Work = { owed: false, measurements: [], events: null, states: false, commands: [] };

export const isRelayCommand = (command: Command) => command.kind === 'relay-off' || command.kind === 'relay-on';
export const switches = (work: Work | null) => !!work?.commands.some(isRelayCommand);
export const isEmpty = (work: Work) => !work.owed && work.measurements.length === 0 && !work.events && !work.states && !work.contact && work.commands.length === 0;
