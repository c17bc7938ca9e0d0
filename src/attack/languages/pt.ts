import type { Vocabulary } from '../vocabulary.ts';

export const pt: Vocabulary = {
  override:
    'ignore, ignora, ignorem, ignorar, esqueça, esquece, esquecer, desconsidere, desconsidera, desconsiderar, não siga, não sigas, não obedeça, descarte, descarta, pule, salta, contorne, contorna, anule, desobedeça, burle, não respeite',
  heed: 'ignorou, ignorava, não ignore, não ignores, esqueceu',
  not: 'não, nunca, sem',
  prior:
    'anterior*, prévias, prévios, acima, precedente*, que recebeu, que recebeste, do desenvolvedor, do programador, iniciais, originais, existentes, que te deram',
  rules:
    'instruções, instrução, regras, regra, diretrizes, directrizes, normas, ordens, comandos, restrições, prompt, configuração, políticas, limitações',
  your: 'suas, sua, seu, seus, tuas, tua, teu, teus',
  told: 'tudo o que lhe disseram, o que lhe disseram, o que te disseram, que te foi dito, lhe disseram antes, tudo que te disseram, tudo o que foi dito antes',
  void: 'já não são válidas, não valem mais, não são mais válidas, não se aplicam, já não valem, foram anuladas',
  newRules: 'novas instruções, nova instrução, novas regras, novas ordens, sua nova tarefa',
  reveal:
    'mostre, mostra*, revele, revela, diga, diz, imprima, imprime, traduza, traduz, escreva, escreve, exiba, liste, dê, compartilhe, codifique',
  repeat: 'repita, repete, imprima, imprime, copie, cite, transcreva, exiba',
  what: 'quais são, quais eram, o que dizem, qual é',
  systemPrompt:
    'prompt de sistema, prompt do sistema, mensagem de sistema, mensagem do sistema, instruções do sistema, prompt inicial',
  secret: 'secret*, ocult*, escondid*, inicia*, intern*, confidencia*, origina*',
  text: 'texto, tudo, palavras, conteúdo, conversa',
  above: 'acima, antes desta linha, até aqui, antes desta mensagem',
  nowYou:
    'a partir de agora você é, agora você é, a partir de agora és, só obedece a mim, você agora é, agora és, você não é mais',
  persona: 'finja, finge, aja como, você é, faça de conta, personagem, comporte se',
  unlimited:
    'não tem restrições, sem restrições, sem limites, sem filtros, sem filtro, sem regras, sem censura, nenhuma restrição',
  execute: 'execute, executa, obedeça à, faça o que, siga a instrução, cumpra',
  decode: 'decodifique, decodifica, descodifica, descodifique, decifre',
  ai: 'assistentes de ia, assistente de ia, modelo de linguagem, modelos de linguagem, agentes de ia, inteligência artificial',
  reading: 'que leem esta, que leiam isto, atenção, nota para, lendo isto, que leem isto',
  ifAi: 'se você é um modelo de linguagem, se você é uma ia, se és um modelo de linguagem, se for uma ia, se és uma ia',
  conceal:
    'não diga nada a ele, não diga ao usuário, não conte ao usuário, não digas nada, sem dizer ao usuário, não mencione isso',
  mention: 'ataque*, injeção, atacante*, evito que, evitar que, proteger, segurança, detecta*',
  task: 'traduza para inglês, função, compilador, resuma o, manual',
};
