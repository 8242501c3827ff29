// Starts and follows runs. All texts are inserted as text, never as HTML.

const STOPPED = 'The dashboard is not responding. To restart it, run `pipeline dashboard`.';

for (const form of document.querySelectorAll('form[data-run]')) {
  form.hidden = false;
  offerAsOfNow(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void start(form);
  });
}

/** Shows “as of now” for any date except today. */
function offerAsOfNow(form) {
  const choice = form.querySelector('.as-of');
  if (choice === null) return;
  const date = form.elements.namedItem('date');
  const show = () => {
    choice.hidden = date.value === date.max;
  };
  date.addEventListener('input', show);
  show();
}

/** Opens the run's view, or shows next to the button why the run did not start. */
async function start(form) {
  const note = form.querySelector('[role=status]');
  const button = form.querySelector('button');
  const date = form.elements.namedItem('date').value;
  const slot = form.elements.namedItem('slot')?.value ?? null;
  const asOfNow = form.elements.namedItem('as-of-now')?.checked ?? false;
  button.disabled = true;
  note.replaceChildren('Starting…');
  try {
    const response = await fetch('/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-lakeveil-token': form.dataset.token },
      body: JSON.stringify({ pipeline: form.dataset.run, date, slot, asOfNow }),
    });
    const answer = await response.json();
    if (response.ok) location.assign(`/runs/${answer.runId}`);
    else showRefusal(note, answer.error);
  } catch {
    note.replaceChildren(STOPPED);
  } finally {
    button.disabled = false;
  }
}

function showRefusal(note, { message, remedy, current }) {
  const text = `Not started: ${message}${remedy === undefined ? '.' : `. What to do: ${remedy}.`} `;
  // Text in backticks is shown as code.
  note.replaceChildren(...text.split('`').map((part, at) => (at % 2 === 0 ? part : asCode(part))));
  if (!current) return;
  const link = document.createElement('a');
  link.href = `/runs/${current.runId}`;
  link.textContent = `View the run of ${current.pipeline} for ${formatMoment(current)}`;
  note.append(link);
}

function asCode(text) {
  const code = document.createElement('code');
  code.textContent = text;
  return code;
}

function formatMoment({ date, slot }) {
  return slot === null ? date : `${date}T${slot}`;
}

for (const live of document.querySelectorAll('[data-live]')) follow(live);

function follow(live) {
  const status = live.querySelector('.status');
  const progress = live.querySelector('progress');
  const log = live.querySelector('.log');
  const events = new EventSource(`/runs/${live.dataset.live}/events`);
  const on = (name, act) => {
    events.addEventListener(name, (event) => {
      act(event.data === '' ? {} : JSON.parse(event.data));
    });
  };
  on('progress', ({ label, done, total }) => {
    const of = total === null ? '' : ` of ${count(total)}`;
    status.replaceChildren(`${label}: ${count(done)}${of} records`);
    if (total === null) return;
    progress.max = total;
    progress.value = done;
  });
  on('log', ({ text }) => {
    const line = document.createElement('li');
    line.textContent = text;
    log.append(line);
    log.scrollTop = log.scrollHeight;
  });
  on('stages', ({ stages }) => {
    live.dataset.stages = String(stages.length);
    showStages(stages);
  });
  on('end', ({ status: how }) => {
    events.close();
    status.replaceChildren(`The run has ended: ${how}.`);
    location.reload();
  });
  events.addEventListener('error', () => {
    // A response without content means that the run has ended, and stops the browser from reconnecting.
    if (events.readyState === EventSource.CLOSED) void reloadIfServed(status);
    else status.replaceChildren(STOPPED);
  });
}

/** Distinguishes a run that has ended from a server that has stopped. */
async function reloadIfServed(status) {
  try {
    await fetch(location.href);
    location.reload();
  } catch {
    status.replaceChildren(STOPPED);
  }
}

/** Updates the table of stages, in the same markup that the server writes. */
function showStages(stages) {
  const place = document.querySelector('[data-stages-of]');
  if (place === null || stages.length === 0) return;
  const whole = Math.max(
    1,
    stages.reduce((sum, { busy_ms }) => sum + busy_ms, 0),
  );
  const rows = stages.map(({ stage, dataset, rows_in, rows_out, busy_ms }) => {
    const row = document.createElement('tr');
    const share = showShare(stage, busy_ms, whole);
    const cells = [stage, dataset ?? 'all', count(rows_in), count(rows_out), share];
    cells.forEach((content, index) => {
      const cell = document.createElement(index === 0 ? 'th' : 'td');
      if (index === 0) cell.scope = 'row';
      cell.className = index === 2 || index === 3 ? 'num' : 'txt';
      cell.append(...[content].flat());
      row.append(cell);
    });
    return row;
  });
  place.querySelector('tbody').replaceChildren(...rows);
}

function showShare(stage, ms, whole) {
  const meter = document.createElement('meter');
  meter.max = whole;
  meter.value = ms;
  meter.setAttribute('aria-label', `Share of ${stage}`);
  return [meter, ` ${Math.round((100 * ms) / whole)} %`];
}

function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
