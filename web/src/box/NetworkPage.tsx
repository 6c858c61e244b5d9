// «Настройки сети» (S0 4.2.2): Ethernet, the modem and its SIM cards, the table of servers.
import { useTranslation } from 'react-i18next';
import { PageFrame } from '../parts/page';
import { PageTabs } from '../parts/tabs';
import './box.css';
import { Ethernet } from './Ethernet';
import { Modem } from './Modem';
import { Servers } from './Servers';

export default function NetworkPage() {
  const { t } = useTranslation('box');
  return (
    <PageFrame title={t('network.title')}>
      <PageTabs items={[
        { key: 'ethernet', label: t('network.ethernet'), children: <Ethernet /> },
        { key: 'modem', label: t('network.modem'), children: <Modem /> },
        { key: 'servers', label: t('network.servers'), children: <Servers /> },
      ]} />
    </PageFrame>
  );
}
