// Meters of one gateway: which device here each of them is, and those that were not taken.
import { useQuery } from '@tanstack/react-query';
import { Alert, Empty } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, type Answer, type Row } from '../api/client';
import { PageFrame } from '../parts/page';
import { State, type StateKind } from '../parts/state';
import { DataTable } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';

type Meter = Row<'/api/v1/gateways/{id}/meters'>;

const kinds: Record<Meter['state'], StateKind> = { present: 'ok', gone: 'never', refused: 'failed' };

export default function GatewayMeters() {
  const { t } = useTranslation('gateways');
  const { id } = useParams();
  const gateway = useQuery({ queryKey: [`/gateways/${id}`], queryFn: () => api.get<Answer<'/api/v1/gateways/{id}'>>(`/gateways/${id}`) });
  const query = useQuery({ queryKey: [`/gateways/${id}/meters`], queryFn: () => api.get<Answer<'/api/v1/gateways/{id}/meters'>>(`/gateways/${id}/meters`), refetchInterval: 5000 });
  const columns: Column<Meter & { id: number }>[] = [
    { key: 'number', title: t('number'), number: true, sortable: true },
    { key: 'serial', title: t('field.serial'), sortable: true, render: (meter) => (meter.device ? <Link to={`/devices/${meter.device}`}>{meter.serial || t('noSerial')}</Link> : meter.serial) },
    { key: 'title', title: t('field.title'), sortable: true },
    { key: 'driver', title: t('driver'), sortable: true },
    { key: 'state', title: t('state'), sortable: true, text: (meter) => t(`meterStates.${meter.state}`), render: (meter) => (
      <>
        <State kind={kinds[meter.state]}>{t(`meterStates.${meter.state}`)}</State>
        {meter.state === 'refused' && <div className="quiet" style={{ whiteSpace: 'normal', maxWidth: 420 }}>{t(meter.rival > 0 ? 'rival' : meter.rival < 0 ? 'dismissed' : 'notTaken', { number: meter.rival })}</div>}
      </>
    ) },
  ];
  return (
    <PageFrame title={gateway.data?.title ?? t('page')} back="/gateways">
      {query.error && <Alert type="error" showIcon title={query.error.message} />}
      <DataTable name="gateway-meters" rows={(query.data?.items ?? []).map((meter) => ({ ...meter, id: meter.number }))} loading={query.isPending} columns={columns} searchable
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('metersEmpty')} />} />
    </PageFrame>
  );
}
