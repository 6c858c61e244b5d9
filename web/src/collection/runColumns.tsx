// Columns of lists of runs.
import { useTranslation } from 'react-i18next';
import { durationText, timeText } from '../app/format';
import type { Column } from '../parts/table/columns';
import { RunCounts, RunLink, RunProgress } from './parts';
import type { Run } from './types';
import { workText, type Words } from './words';

const results = ['success', 'partial', 'error', 'absent', 'cancelled-by-schedule', 'cancelled-by-user', 'interrupted', 'pending'] as const;

export function useRunColumns(): Record<'title' | 'initiator' | 'counts' | 'result' | 'begun' | 'ended' | 'took' | 'cause' | 'login' | 'work' | 'reason', Column<Run>> {
  const { t } = useTranslation('collection');
  return {
    title: { key: 'title', title: t('name') },
    initiator: { key: 'initiator', title: t('initiator'), render: (run) => t(`initiators.${run.initiator}`, { defaultValue: run.initiator }) },
    counts: { key: 'counts', title: t('counts'), render: (run) => <RunCounts run={run} /> },
    result: { key: 'result', title: t('progress'), render: (run) => <RunProgress run={run} />, filter: results.map((value) => ({ value, label: t(`result.${value}`) })) },
    begun: { key: 'begun', title: t('begun'), render: (run) => <RunLink run={run} /> },
    ended: { key: 'ended', title: t('ended'), render: (run) => timeText(run.ended) },
    took: { key: 'took', title: t('took'), render: (run) => (run.begun && run.ended ? durationText(Date.parse(run.ended) - Date.parse(run.begun)) : '—') },
    cause: { key: 'cause', title: t('cause'), render: (run) => t(`causes.${run.cause}`) },
    login: { key: 'login', title: t('user'), render: (run) => run.login || t('bySchedule') },
    work: { key: 'work', title: t('work.title'), hidden: true, render: (run) => workText(run.work, t as Words) },
    reason: { key: 'reason', title: t('reason'), hidden: true },
  };
}
