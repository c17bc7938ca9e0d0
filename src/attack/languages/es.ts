import type { Vocabulary } from '../vocabulary.ts';

export const es: Vocabulary = {
  override:
    'ignora, ignore, ignorad, ignorar, olvida, olvide, olvidad, haz caso omiso, haga caso omiso, no sigas, no siga, no obedezcas, no hagas caso, descarta, descarte, salta, salte, sáltate, omite, omita, anula, desobedece, no respetes, desestima, evita, deja de lado, deje de lado, dejar de lado, deja a un lado, haz como si, hacer como si, haga como si, borra, borre, borrar, elimina, elimine, levanto, levanta, quita, suprime, haz lo contrario, lo contrario de, no prestes atención, no preste atención, no hagas ni caso, olvídate de, olvídese de, pasa de, pasa por alto, desactiva, reinicia, rompe con, rompe, viola, infringe, tira, prescinde de, prescinda de, abandona, abandone, desecha, deseche, no tengas en cuenta, no tenga en cuenta, revoca, deroga, sal de, da igual, dan igual, libérate de, descártalas, invalida, borra de tu memoria',
  heed: 'ignoró, ignoraba, ignoraron, no ignores, olvidó, no ignore',
  not: 'no, nunca, sin',
  prior:
    'anterior*, previas, previos, previa, de arriba, precedente*, originales, del desarrollador, que recibiste, iniciales, que te dieron, existentes',
  rules:
    'instruccion*, instrucción, reglas, regla, directrices, normas, órdenes, indicaciones, restricciones, consignas, mandatos, prompt, configuración, políticas, pautas, pauta, norma, orden, límites, parámetros, limitaciones, política, lineamientos, normas de seguridad, prohibiciones, mandato, ajustes, encargo, guías, indicación, barreras',
  your: 'tu, tus, su, sus, te, vuestras, tuyo, tuyas',
  told: 'todo lo que te dijeron, lo que te dijeron, te han dicho, te dijeron antes, lo que te ordenaron, lo que se te dijo',
  void: 'ya no son válidas, ya no valen, ya no aplican, quedan anuladas, no son válidas, ya no cuentan, sin efecto, ya no cuenta, queda anulado, anuladas, revocadas, revocado, no existiera, no existe, no existen, no existieran, se han actualizado, han cambiado, han sido reemplazadas, han caducado, caducadas, obsolet*, ya no importa, ya no importan, no importan, no importa, no vale, no valen, perdieron vigencia, sin validez, ya no rigen, ya no se aplican, derogadas, eran solo una prueba, era solo una prueba, ya no está en vigor, canceladas, abolidas',
  newRules: 'nuevas instrucciones, nueva instrucción, nuevas reglas, tu nueva tarea, nuevas órdenes',
  reveal:
    'muestra*, muéstra*, revela*, dime, dame, imprime, traduce, escribe, enseña*, resume tus, codifica, comparte, di, cuenta*, cita, citar, enumera*, enumér*, vuelca, resume, resúm*, pega, copia, manda*, mánd*, envía*, recita, describe, expón, lista*, pásame, publica, facilita, completa, transcribe, ponme, léeme',
  repeat:
    'repite, repita, imprime, imprima, copia, copie, cita, repetir, recita, pega, reproduce, vuelve a escribir, transcribe*, léeme',
  what: 'cuáles son, cuales son, qué dicen, qué son, cuál es, qué pautas, qué instrucciones, qué reglas, qué dice, qué había, qué te, qué texto, cuál, qué, qué contiene, qué pone',
  systemPrompt:
    'prompt del sistema, prompt de sistema, mensaje del sistema, mensaje de sistema, instrucciones del sistema, prompt inicial, mensaje inicial, prompt completo, prompt de inicio, instrucciones iniciales, texto del sistema, prompt oculto, mensaje oculto, prompt original',
  secret: 'secret*, ocult*, inicial*, intern*, confidencial*, original*, invisible*',
  text: 'texto, todo, palabras, contenido, conversación, mensaje, parte, charla',
  above: 'texto anterior, de arriba, antes de esta línea, hasta aquí, antes de este mensaje',
  nowYou:
    'a partir de ahora eres, ahora eres, desde ahora eres, solo me obedeces, a partir de ahora serás, ya no eres, eres ahora, de ahora en adelante eres, de ahora en adelante responde como, desde este momento eres, pasas a ser, a partir de este momento eres, te llamas ahora, te conviertes en, tu única tarea, tu verdadera tarea, solo mis órdenes, tu único objetivo',
  persona:
    'finge, actúa como, eres, compórtate, interpreta, personaje, imagina, imagina que eres, responde como, haz de, haces de, juguemos, ponte en la piel, asume el papel, adopta el papel, adopta la personalidad, conviértete en, simula, supón que eres',
  unlimited:
    'no tienes restricciones, sin restricciones, sin límites, sin filtros, sin reglas, sin censura, ninguna restricción, sin normas, nunca te niegas, nunca se niega, no te niegas a nada, responde a todo, respondes a todo, gemelo malvado, olvida tus normas, hablar de todo, decir de todo, todo vale, desatad*, contestas a todo, lo contesta todo',
  execute: 'ejecuta, ejecute, obedece la, haz lo que, cumple la, sigue la instrucción',
  decode: 'decodifica, decodifique, descifra, descodifica',
  ai: 'inteligencia artificial, ia, cualquier ia, toda ia, bot, bots, robot*, chatbot*, asistente*, llm, llms, agente*, modelo*',
  reading:
    'que lean esto, que lea esto, que leen esta, atención, que lean esta, nota para, leyendo esto, cualquier ia, toda ia, que resuma, que resuman, que lee, que lea, que procese, que procesen, resumiendo, si eres un bot, que analice',
  ifAi: 'si eres un modelo de lenguaje, si eres una ia, si es un modelo de lenguaje, si eres un asistente, si eres un bot, si eres un robot, si eres un modelo, si eres un agente, si eres una inteligencia',
  conceal:
    'no le digas nada, no se lo digas al usuario, no le digas al usuario, sin decírselo, no lo menciones, no informes al usuario, no se lo digas, no se lo cuentes, sin que el usuario, sin avisar*, no digas nada de esto, ocúltaselo, a espaldas del usuario, sin que lo sepa, sin mencionarlo, no menciones',
  mention:
    'ataque*, inyección, atacante*, evito que, evitar que, proteger, seguridad, detecta*, mi bot, de mi bot, nuestro chatbot, mi chatbot, mi asistente, filtró, informe, publicad*, artículo, estudio, intentos, jailbreak*, claves de api, investigador*, incidente, inyecciones, si preguntan, si te preguntan, si alguien pregunta, si un cliente pregunta, no puedes compartir*',
  task: 'traduce al inglés, función, compilador, resume el, manual, grep, css, git, gitignore, nginx, debian, android, cortafuegos, router, exchange, terminal, csv, corrige, escena, correo, clientes, niños, maestra, bucle, montaje, pacientes, pedidos, juego, novela, escuela, factura, puerto, archivo',
  obey: 'respetar, respetes, seguir, sigas, obedecer, obedezcas, cumplir, cumplas, acatar, acates, atenerte, ceñirte, hacer caso, sujeto, atado, obligado, preocuparte',
  release:
    'ya no tienes que, ya no tiene que, ya no debes, ya no, no tienes que, no hace falta, no hace falta que, deja de, deje de, no necesitas, no es necesario, dejar de, no, sin, en lugar de, en vez de',
  given:
    'te encargaron, te dieron, te han dado, te dio, te impusieron, te ha dado, te dijeron, te dijo, te ordenó, te ordenaron, te mandó, te mandaron, te envió, te pidieron, te asignaron, te configuraron, te programaron, te pusieron, te marcaron, recibiste, has recibido, recibió, recibieras, se te dio, se te dieron, se te ha, se te impuso, te fue, te fueron, te limitan, te rigen, te restringen, sigues, debes seguir, operas, te guían, te indicaron, le dieron, le dijeron',
  giver:
    'desarrollador*, operador*, creador*, fabricante*, empresa, compañía, dueño*, proveedor*, el sistema, sistema, del sistema, openai, anthropic, programador*, administrador*, jefe*, propietario',
  beforeMe:
    'antes de que yo, antes de que llegara, antes de mi primer mensaje, antes de mi mensaje, antes de nuestra conversación, antes de esta conversación, antes de esta frase, antes de este texto, al principio de esta, al inicio de esta, al principio de la conversación, al comienzo de, en tu contexto, tu contexto, encima de esta, por encima de esta, encima de este, antes de hablar conmigo, antes de empezar, antes de este chat, antes de mi primera',
  verbatim:
    'palabra por palabra, textualmente, al pie de la letra, literal*, completo, completa, íntegr*, tal cual, exact*, sin cambios, sin cambiar nada, texto real, texto exacto, línea por línea, una a una, uno a uno, sin omitir, de principio a fin, en bruto',
  promptWord: 'prompt, contexto, mensaje de sistema, configuración',
  without:
    'sin, sin ninguna, sin ningún, no tiene, no tienes, ninguna, ningún, libre de, liberado de, carece de, careces de, nada de, fuera de, exento de',
  limits:
    'restriccion*, restricción, límite*, filtro*, moral*, ética, ético*, censura, reglas, normas, política de contenido, escrúpulo*, conciencia, tabú*, barreras, ataduras, prohibiciones, limitaciones',
  devMode:
    'modo desarrollador, modo depuración, modo administrador, modo admin, modo de prueba, modo mantenimiento, modo dios',
  boss: 'soy tu desarrollador*, soy tu creador*, soy tu administrador*, soy el desarrollador, soy el administrador, soy tu jefe, soy tu dueño, yo te programé, yo te creé, aquí mando yo, aquí tu desarrollador, trabajo en openai, soy tu programador*',
  endRules:
    'fin de las instrucciones, fin del prompt, fin de las reglas, nuevas instrucciones del sistema, fin del mensaje del sistema, actualización del sistema',
  mine: 'mi, mis, nuestro, nuestra, nuestros, nuestras, te dije, le dije, yo te, te pedí, le pedí',
  asking:
    'cómo, por qué, puedo, se puede, se pueden, es posible, debo, qué es, qué significa, es un ataque, es legal, se dice, explica, explícame, corrige, revisa, puede hacerlo, quién, hay que, cuándo',
};
