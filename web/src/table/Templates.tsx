// «Настройки шаблонов ПУ» (S0 4.3.2): groups of meters, data templates, poll templates.
import { useTranslation } from 'react-i18next';
import { PageFrame } from '../parts/page';
import { PageTabs } from '../parts/tabs';
import { DataTemplates } from './DataTemplates';
import { MeterGroups } from './MeterGroups';
import { PollTemplates } from './PollTemplates';

export default function Templates() {
  const { t } = useTranslation('templates');
  return (
    <PageFrame title={t('title')}>
      <PageTabs items={[
        { key: 'groups', label: t('groups.tab'), children: <MeterGroups /> },
        { key: 'data', label: t('data.tab'), children: <DataTemplates /> },
        { key: 'polls', label: t('polls.tab'), children: <PollTemplates /> },
      ]} />
    </PageFrame>
  );
}
