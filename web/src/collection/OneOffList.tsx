// «Прочие задачи»: what was ordered once (S3 2.2.24), by people and by other systems.
import { Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';
import { useRunColumns } from './runColumns';
import type { Run } from './types';

export default function OneOffList() {
  const { t } = useTranslation('collection');
  const navigate = useNavigate();
  const c = useRunColumns();
  return (
    <PageFrame title={t('oneOff.title')}>
      <DataTable<Run> name="one-off" path="/runs" query={{ cause: 'one-off' }} columns={[c.title, c.initiator, c.result, c.counts, c.begun, c.ended, c.took, c.login, c.work, c.reason]}
        searchable={false} onOpen={(run) => navigate(`/runs/${run.id}`)}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={<>{t('oneOff.empty')}<br /><span className="quiet">{t('oneOff.emptyHint')}</span></>} />} />
    </PageFrame>
  );
}
