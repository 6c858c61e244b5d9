// By which network interface a server is reached (S4 11.5: Ethernet or GSM).
import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import type { NamePath } from 'antd/es/form/interface';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';

/** Those of the machine, and the one that is set though it is not there now. */
export function Way({ name, flex }: { name: NamePath; flex?: string }) {
  const { t } = useTranslation('centre');
  const set: string = Form.useWatch(name) ?? '';
  const host = useQuery({ queryKey: ['/host'], queryFn: () => api.get<Answer<'/api/v1/host'>>('/host'), retry: false });
  const there = (host.data?.interfaces ?? []).map((one) => ({ value: one.name, label: [one.name, ...one.addresses].join(' · ') }));
  const absent = set && !there.some((one) => one.value === set) ? [{ value: set, label: t('way.absent', { name: set }) }] : [];
  return (
    <Form.Item name={name} label={t('way.title')} extra={t('way.hint')} style={flex ? { flex } : undefined}>
      <Select options={[{ value: '', label: t('way.any') }, ...there, ...absent]} />
    </Form.Item>
  );
}
