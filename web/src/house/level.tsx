// How serious a record is, as colour, icon and word.
import { useTranslation } from 'react-i18next';
import { State, type StateKind } from '../parts/state';

const kinds: Record<string, StateKind> = { error: 'failed', warning: 'partial', info: 'never', debug: 'never' };

export function Level({ level }: { level: string }) {
  const { t } = useTranslation('house');
  return <State kind={kinds[level] ?? 'never'}>{t(`level.${level}`)}</State>;
}
