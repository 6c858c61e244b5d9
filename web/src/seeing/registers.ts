// Registers whose collection may be counted apart: energies by tariff, volumes; of profiles the energies of an interval.
import type { TFunction } from 'i18next';

const energies = ['1.0.1', '1.0.2', '1.0.3', '1.0.4'], volumes = ['8.0.1.0.0.255', '9.0.1.0.0.255', '6.0.1.0.0.255', '6.0.2.0.0.255', '7.0.3.0.0.255'];

export function registerOptions(archive: string, t: TFunction<'seeing'>) {
  const word = (code: string) => t(`quantity|${code}`, { keySeparator: '|' });
  if (archive === 'profile') return energies.map((c) => ({ value: `${c}.29.0.255`, label: word(`${c}.8.0.255`) }));
  const tariffs = [0, 1, 2, 3, 4];
  return [
    ...energies.flatMap((c) => tariffs.map((number) => ({ value: `${c}.8.${number}.255`, label: `${word(`${c}.8.0.255`)}, ${number ? t('data.tariff', { number }) : t('data.sum')}` }))),
    ...volumes.map((code) => ({ value: code, label: word(code) })),
  ];
}
