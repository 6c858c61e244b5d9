// The list of events, each with its actions in plain words, when it last happened and when it comes next (S0 4.5.1).
import { CaretRightOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { timeText } from '../app/format';
import { RowList } from '../parts/rows';
import { State } from '../parts/state';
import type { Column } from '../parts/table/columns';
import { EventDialog } from './EventDialog';
import { useOccasions, useOccasionsChanged, type Occasion } from './occasions';

function Deeds({ texts }: { texts: string[] }) {
  return texts.length === 1 ? <>{texts[0]}</> : <ol style={{ margin: 0, paddingInlineStart: 18 }}>{texts.map((text, i) => <li key={i}>{text}</li>)}</ol>;
}

/** A sentence that takes the lines it wants instead of pushing the rest out of the table. */
function Wrapped({ children }: { children: ReactNode }) {
  return <div style={{ whiteSpace: 'normal', minWidth: 150, maxWidth: 205 }}>{children}</div>;
}

export function Events() {
  const { t } = useTranslation('occasions');
  const may = useMay();
  const query = useOccasions();
  const changed = useOccasionsChanged();
  const columns: Column<Occasion>[] = [
    { key: 'title', title: t('field.title'), sortable: true },
    { key: 'condition', title: t('field.condition'), text: (one) => one.condition_text, render: (one) => <Wrapped>{one.condition_text}</Wrapped> },
    { key: 'actions', title: t('field.actions'), text: (one) => one.action_texts.join('; '), render: (one) => <Wrapped><Deeds texts={one.action_texts} /></Wrapped> },
    { key: 'last', title: t('events.last'), sortable: true, render: (one) => timeText(one.last) },
    { key: 'next', title: t('events.next'), sortable: true, render: (one) => timeText(one.next) },
    { key: 'count', title: t('events.count'), number: true, sortable: true, hidden: true },
    { key: 'enabled', title: t('state'), text: (one) => (one.enabled ? t('on') : t('off')), render: (one) => <State kind={one.enabled ? 'ok' : 'never'}>{t(one.enabled ? 'on' : 'off')}</State> },
  ];
  return (
    <RowList<Occasion> words="occasions:events" path="/occasions" query={query} columns={columns} opens="title" titleOf={(one) => one.title} write="Write.DataCollection.Job" drop="Delete.DataCollection.Job" changed={changed} switched searchable
      hint={t('events.hint')} dialog={(one, close) => <EventDialog key={one?.id ?? 0} event={one} onClose={close} />}
      menu={(one, act) => (may('Write.Scheduler.JobLaunches') ? [{ key: 'run', icon: <CaretRightOutlined />, label: t('events.run'), onClick: () => act(() => api.post(`/occasions/${one.id}/run`), t('events.ran')) }] : [])} />
  );
}
