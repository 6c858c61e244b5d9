// What happened: which event, why, what it did and which runs it began.
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { timeText } from '../app/format';
import { State, type StateKind } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import type { Happening } from './occasions';

const kinds: Record<Happening['deeds'][number]['result'], StateKind> = { done: 'ok', run: 'ok', busy: 'partial', gone: 'partial', late: 'partial', failed: 'failed', waits: 'waiting' };

function Deed({ deed }: { deed: Happening['deeds'][number] }) {
  const { t } = useTranslation('occasions');
  return (
    <div>
      <State kind={kinds[deed.result]}>{t(`action.${deed.action}`)}: {deed.result_text}</State>
      {deed.run !== null && <> <Link to={`/runs/${deed.run}`}>{t('happenings.run', { number: deed.run })}</Link></>}
      {deed.note && <div className="quiet">{deed.note}</div>}
    </div>
  );
}

export function Happenings() {
  const { t } = useTranslation('occasions');
  const columns: Column<Happening>[] = [
    { key: 'time', title: t('happenings.time'), render: (one) => timeText(one.time) },
    { key: 'title', title: t('happenings.event') },
    { key: 'cause', title: t('happenings.cause'), render: (one) => <>{one.cause}{one.merged > 0 && <div className="quiet">{t('happenings.merged', { count: one.merged })}</div>}</> },
    { key: 'deeds', title: t('field.actions'), render: (one) => one.deeds.map((deed, i) => <Deed key={i} deed={deed} />) },
  ];
  return <DataTable<Happening> name="happenings" path="/happenings" columns={columns} searchable={false} prefix="happenings" empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('happenings.empty')} />} />;
}
