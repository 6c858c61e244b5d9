// Events of the gateway: what is waited for and what is done then, schedules and calendars, inputs, what happened (S0 4.5).
import { useTranslation } from 'react-i18next';
import { PageFrame } from '../parts/page';
import { PageTabs } from '../parts/tabs';
import { Calendars } from './Calendars';
import { Events } from './Events';
import { Happenings } from './Happenings';
import { Inputs } from './Inputs';
import { useHappeningNews } from './occasions';
import { Timetables } from './Timetables';

export default function Occasions() {
  const { t } = useTranslation('occasions');
  useHappeningNews();
  return (
    <PageFrame title={t('title')}>
      <PageTabs items={[
        { key: 'events', label: t('events.title'), children: <Events /> },
        { key: 'timetables', label: t('timetables.title'), children: <Timetables /> },
        { key: 'calendars', label: t('calendars.title'), children: <Calendars /> },
        { key: 'inputs', label: t('inputs.title'), children: <Inputs /> },
        { key: 'happenings', label: t('happenings.title'), children: <Happenings /> },
      ]} />
    </PageFrame>
  );
}
