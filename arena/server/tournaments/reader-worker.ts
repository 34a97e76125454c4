/** The thread that reads ledgers and rates them, and reads the curves of runs. */
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { RunLibrary } from '../runs.js';
import { NotThere, TournamentLibrary, type LibraryPlaces } from './library.js';
import type { Answered, Answers, Asked, News } from './questions.js';

const library = new TournamentLibrary(workerData as LibraryPlaces);
const runs = new RunLibrary(workerData as LibraryPlaces);

function newsFor(question: Extract<Asked, { ask: 'news' }>): News {
  const views: { id: string; version: string; view: News['views'][number]['view'] }[] = [];
  const gone: { id: string; message: string }[] = [];
  for (const { id, known } of question.views) {
    try {
      const { version, view } = library.view(id);
      if (version !== known) views.push({ id, version, view });
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
      gone.push({ id, message: error.message });
    }
  }
  const tournaments = question.list === null ? [] : library.list();
  const version = createHash('sha256').update(JSON.stringify(tournaments)).digest('hex');
  const ratings = question.ratings === null ? undefined : library.ratings();
  return {
    views, gone,
    ...(question.list === null || question.list === version ? {} : { list: { version, tournaments } }),
    ...(ratings === undefined || ratings.version === question.ratings ? {} : { ratings }),
  };
}

function answer(question: Asked): Answers[keyof Answers] | Promise<Answers[keyof Answers]> {
  switch (question.ask) {
    case 'games': return library.games(question.id, question.players, question.offset);
    case 'game': return library.game(question.id, question.game);
    case 'runs': return runs.list();
    case 'run': return runs.history(question.id);
    case 'news': return newsFor(question);
    default: return question satisfies never;
  }
}

const port = parentPort;
port?.on('message', (question: Asked) => void reply(question));

async function reply(question: Asked): Promise<void> {
  let answered: Answered;
  try {
    answered = { number: question.number, answer: await answer(question) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answered = error instanceof NotThere ? { number: question.number, refused: message } : { number: question.number, failed: message };
  }
  port?.postMessage(answered);
}
