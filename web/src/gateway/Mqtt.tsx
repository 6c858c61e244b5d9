// Delivery over MQTT: brokers, templates of what is sent, publications, and how they go (S0 4.6.1).
import { useTranslation } from 'react-i18next';
import { PageFrame } from '../parts/page';
import { PageTabs } from '../parts/tabs';
import { Brokers } from './Brokers';
import { Publications } from './Publications';
import { Templates } from './Templates';

export default function Mqtt() {
  const { t } = useTranslation('mqtt');
  return (
    <PageFrame title={t('title')}>
      <PageTabs items={[
        { key: 'brokers', label: t('brokers.title'), children: <Brokers /> },
        { key: 'templates', label: t('templates.title'), children: <Templates /> },
        { key: 'publications', label: t('publications.title'), children: <Publications /> },
      ]} />
    </PageFrame>
  );
}
