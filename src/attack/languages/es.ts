import type { Vocabulary } from '../vocabulary.ts';

export const es: Vocabulary = {
  override:
    'ignora, ignore, ignorad, ignorar, olvida, olvide, olvidad, haz caso omiso, haga caso omiso, no sigas, no siga, no obedezcas, no hagas caso, descarta, descarte, salta, salte, sáltate, omite, omita, anula, desobedece, no respetes, desestima, evita',
  heed: 'ignoró, ignoraba, ignoraron, no ignores, olvidó, no ignore',
  not: 'no, nunca, sin',
  prior:
    'anterior*, previas, previos, previa, de arriba, precedente*, originales, del desarrollador, que recibiste, iniciales, que te dieron, existentes',
  rules:
    'instruccion*, instrucción, reglas, regla, directrices, normas, órdenes, indicaciones, restricciones, consignas, mandatos, prompt, configuración, políticas',
  your: 'tu, tus, su, sus',
  told: 'todo lo que te dijeron, lo que te dijeron, te han dicho, te dijeron antes, lo que te ordenaron, lo que se te dijo',
  void: 'ya no son válidas, ya no valen, ya no aplican, quedan anuladas, no son válidas, ya no cuentan, sin efecto',
  newRules: 'nuevas instrucciones, nueva instrucción, nuevas reglas, tu nueva tarea, nuevas órdenes',
  reveal:
    'muestra*, muéstra*, revela*, dime, dame, imprime, traduce, escribe, enseña*, resume tus, lista, codifica, comparte, di',
  repeat: 'repite, repita, imprime, imprima, copia, copie, cita, transcribe',
  what: 'cuáles son, cuales son, qué dicen, qué son, cuál es',
  systemPrompt:
    'prompt del sistema, prompt de sistema, mensaje del sistema, mensaje de sistema, instrucciones del sistema, prompt inicial',
  secret: 'secret*, ocult*, inicial*, intern*, confidencial*, original*',
  text: 'texto, todo, palabras, contenido, conversación',
  above: 'texto anterior, de arriba, antes de esta línea, hasta aquí, antes de este mensaje',
  nowYou: 'a partir de ahora eres, ahora eres, desde ahora eres, solo me obedeces, a partir de ahora serás, ya no eres',
  persona: 'finge, actúa como, eres, compórtate, interpreta, personaje',
  unlimited:
    'no tienes restricciones, sin restricciones, sin límites, sin filtros, sin reglas, sin censura, ninguna restricción, sin normas',
  execute: 'ejecuta, ejecute, obedece la, haz lo que, cumple la, sigue la instrucción',
  decode: 'decodifica, decodifique, descifra, descodifica',
  ai: 'asistentes de ia, asistente de ia, modelo de lenguaje, modelos de lenguaje, agentes de ia, agente de ia, inteligencia artificial',
  reading: 'que lean esto, que lea esto, que leen esta, atención, que lean esta, nota para, leyendo esto',
  ifAi: 'si eres un modelo de lenguaje, si eres una ia, si es un modelo de lenguaje, si eres un asistente',
  conceal:
    'no le digas nada, no se lo digas al usuario, no le digas al usuario, sin decírselo, no lo menciones, no informes al usuario',
  mention: 'ataque*, inyección, atacante*, evito que, evitar que, proteger, seguridad, detecta*',
  task: 'traduce al inglés, función, compilador, resume el, manual',
};
