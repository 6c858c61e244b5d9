// «Найти в сети»: gateways that answer in the server's own networks, to be added with what stands on their case.
import { SearchOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Flex, Form, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import type { Column } from '../parts/table/columns';
import { DataTable } from '../parts/table/DataTable';

type Found = Answer<'/api/v1/gateway-search', 'post'>['items'][number];

/** Networks by their names; who may not look at the server's page asks in all of them. */
function useNetworks() {
  const may = useMay();
  const host = useQuery({ queryKey: ['/host'], queryFn: () => api.get<Answer<'/api/v1/host'>>('/host'), enabled: may('View.Page.ceHes') });
  return (host.data?.interfaces ?? []).filter((one) => one.up).map((one) => ({ value: one.name, label: `${one.name} ${one.addresses.filter((address) => !address.includes(':')).join(', ')}` }));
}

export function SearchDialog({ onChosen, onClose }: { onChosen: (one: Found) => void; onClose: () => void }) {
  const { t } = useTranslation('gateways');
  const [network, setNetwork] = useState('');
  const networks = useNetworks();
  const search = useMutation({ mutationFn: () => api.post<Answer<'/api/v1/gateway-search', 'post'>>('/gateway-search', { interface: network }) });
  const columns: Column<Found>[] = [
    { key: 'gateway', title: t('search.here'), render: (one) => (one.gateway ? <span className="quiet">{t('search.known')}</span> : <Button size="small" onClick={() => onChosen(one)}>{t('search.take')}</Button>) },
    { key: 'serial', title: t('serial') },
    { key: 'type', title: t('search.type') },
    { key: 'version', title: t('version') },
    { key: 'url', title: t('search.page'), render: (one) => (
      <div style={{ whiteSpace: 'normal' }}>
        {one.url && <a className="mono" href={one.url} target="_blank" rel="noreferrer">{one.url}</a>}
        <div className="quiet mono">{one.addresses}</div>
      </div>
    ) },
  ];
  return (
    <Modal open title={t('search.title')} onCancel={onClose} footer={null} width={900} destroyOnHidden>
      <p className="quiet" style={{ marginTop: 0 }}>{t('search.hint')}</p>
      <Flex wrap gap="0 12px" align="end">
        <Form.Item label={t('search.interface')} layout="vertical" htmlFor="search-network" style={{ flex: '1 1 220px', maxWidth: 360 }}>
          <Select id="search-network" value={network} onChange={setNetwork} options={[{ value: '', label: t('search.all') }, ...networks]} />
        </Form.Item>
        <Form.Item><Button type="primary" icon={<SearchOutlined />} loading={search.isPending} onClick={() => search.mutate()}>{t(search.data ? 'search.again' : 'search.ask')}</Button></Form.Item>
      </Flex>
      {search.error && <Alert type="error" showIcon title={search.error.message} />}
      {search.data?.items.length === 0 && <Alert type="info" showIcon title={t('search.none')} />}
      {!!search.data?.items.length && <DataTable<Found> name="gateways-found" prefix="found." rows={search.data.items} rowKey={(one) => `${one.serial} ${one.url} ${one.addresses}`} columns={columns} searchable={false} dense />}
    </Modal>
  );
}
