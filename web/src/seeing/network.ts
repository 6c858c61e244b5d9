// The values of a three-phase network by OBIS code (IEC 62056-61; C is 20 higher for each phase).
import type { Row } from '../api/client';
import type { Digits } from './exact';
import type { Phase } from './PhasorDiagram';

export type Latest = Row<'/api/v1/devices/{id}/latest'>;

const names = ['A', 'B', 'C'];
/** ∠ Ua Ub, ∠ Ub Uc; ∠ U I of each phase. */
const between = ['1.0.81.7.10.255', '1.0.81.7.21.255'], own = ['1.0.81.7.4.255', '1.0.81.7.15.255', '1.0.81.7.26.255'];

/** Code of a quantity of phase 0..2: C as of the sum. */
export const phaseCode = (c: number, phase: number) => `1.0.${c + 20 * (phase + 1)}.7.0.255`;

export function valueOf(all: Latest[], obis: string): Digits | undefined {
  const found = all.find((one) => one.obis === obis && one.archive === 'network');
  return found?.value ?? undefined;
}

/** The current's angle: as the meter tells it, else from cos φ and the sign of reactive power. */
function lagOf(all: Latest[], phase: number): number | undefined {
  const told = valueOf(all, own[phase]);
  if (told !== undefined) return Number(told);
  const cosine = valueOf(all, phaseCode(13, phase)), reactive = valueOf(all, phaseCode(3, phase));
  if (cosine === undefined || Math.abs(Number(cosine)) > 1) return undefined;
  const angle = (Math.acos(Number(cosine)) * 180) / Math.PI;
  return Number(reactive ?? 0) < 0 ? -angle : angle;
}

/** The phases that have a voltage; angles that the meter does not tell are those of a sound network, and `assumed` says so. */
export function phasesOf(all: Latest[]): { phases: Phase[]; assumed: boolean } {
  const told = between.map((obis) => valueOf(all, obis));
  const angles = [0, told[0] === undefined ? 120 : Number(told[0])];
  angles.push(angles[1] + (told[1] === undefined ? 120 : Number(told[1])));
  const phases = names.flatMap((name, i): Phase[] => {
    const voltage = valueOf(all, phaseCode(12, i)), current = valueOf(all, phaseCode(11, i));
    return voltage === undefined && current === undefined ? [] : [{ name, angle: angles[i], voltage, current, lag: lagOf(all, i) }];
  });
  return { phases, assumed: phases.length > 1 && told.some((angle) => angle === undefined) };
}
