// What runs here: version, revision, checksum, the parts it is made of (S3 2.2.33).
import { useQuery } from '@tanstack/react-query';
import { Alert, Card, Descriptions, Spin, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { durationText } from '../app/format';
import { PageFrame } from '../parts/page';
import { DataTable } from '../parts/table/DataTable';

type Facts = Answer<'/api/v1/about'>;
type Component = Facts['components'][number];

export default function About() {
  const { t } = useTranslation('about');
  const about = useQuery({ queryKey: ['/about'], queryFn: () => api.get<Facts>('/about') });
  const facts = about.data;
  return (
    <PageFrame title={t('title')}>
      {about.isPending && <Spin />}
      {about.error && <Alert type="error" showIcon title={about.error.message} />}
      {facts && (
        <Card size="small" title={`${t('app:product')} ${facts.version}`}>
          <Descriptions column={1} size="small" items={[
            { key: 'version', label: t('version'), children: facts.version },
            { key: 'revision', label: t('revision'), children: <span className="mono">{facts.revision || '—'}</span> },
            { key: 'built', label: t('built'), children: facts.built },
            { key: 'hash', label: t('hash', { algorithm: facts.hash_algorithm }), children: <Typography.Text copyable className="mono" style={{ wordBreak: 'break-all' }}>{facts.hash}</Typography.Text> },
            { key: 'schema', label: t('schema'), children: facts.schema },
            { key: 'up', label: t('up'), children: durationText(facts.uptime_s * 1000) },
            { key: 'license', label: t('license'), children: 'Apache-2.0' },
          ]} />
        </Card>
      )}
      <Typography.Title level={2} style={{ fontSize: 16, margin: '8px 0 0' }}>{t('parts')}</Typography.Title>
      <DataTable<Component> name="components" rows={facts?.components ?? []} rowKey={(part) => part.name} columns={[
        { key: 'name', title: t('part'), sortable: true }, { key: 'version', title: t('version') },
      ]} />
    </PageFrame>
  );
}
