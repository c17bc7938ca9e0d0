import type { Vocabulary } from '../vocabulary.ts';

export const pt: Vocabulary = {
  override:
    'ignore, ignora, ignorem, ignorar, esqueça, esquece, esquecer, desconsidere, desconsidera, desconsiderar, não siga, não sigas, não obedeça, descarte, descarta, pule, salta, contorne, contorna, anule, desobedeça, burle, não respeite, deixe de lado, deixa de lado, deixar de lado, ponha de lado, põe de lado, faça de conta que, fazer de conta que, apague, apaga, apagar, remova, remove, removo, elimine, elimina, retire, tire, faça o contrário, contrário do que, contrário de, não dê atenção, não dê bola, não ligue, não ligues, não preste atenção, esqueça se, abandone, abandona, largue, descumpra, viole, quebre, rompa, desative, revogue, jogue fora, desrespeite, deixe para lá, passe por cima, não leve em conta, não leves em conta, reinicie, tanto faz, dane se, despreze, liberte se, desligue, inguore, apague da memória',
  heed: 'ignorou, ignorava, não ignore, não ignores, esqueceu',
  not: 'não, nunca, sem',
  prior:
    'anterior*, prévias, prévios, acima, precedente*, que recebeu, que recebeste, do desenvolvedor, do programador, iniciais, originais, existentes, que te deram',
  rules:
    'instruções, instrução, regras, regra, diretrizes, directrizes, normas, ordens, comandos, restrições, prompt, configuração, políticas, limitações, orientações, orientação, norma, ordem, limites, parâmetros, política, normas de segurança, proibições, diretivas, pedido, mandato, ajustes, indicações, regras de segurança',
  your: 'suas, sua, seu, seus, tuas, tua, teu, teus, te, lhe, vossas',
  told: 'tudo o que lhe disseram, o que lhe disseram, o que te disseram, que te foi dito, lhe disseram antes, tudo que te disseram, tudo o que foi dito antes',
  void: 'já não são válidas, não valem mais, não são mais válidas, não se aplicam, já não valem, foram anuladas, já não conta, já não contam, não conta mais, não contam mais, revogad*, não existe, não existisse, não existissem, não existem, foram atualizadas, mudaram, foram substituídas, expiraram, caducas, obsolet*, não importa mais, não importam mais, já não importa*, perderam a validade, perdeu a validade, não vale mais, sem efeito, não estão mais em vigor, foram canceladas, canceladas, anuladas, era só um teste, eram só um teste, não têm mais efeito, abolidas, acabaram, não têm mais valor',
  newRules: 'novas instruções, nova instrução, novas regras, novas ordens, sua nova tarefa',
  reveal:
    'mostre, mostra*, revele, revela, diga, diz, imprima, imprime, traduza, traduz, escreva, escreve, exiba, liste, dê, compartilhe, codifique, conte, conta, cite, citar, enumere*, enumera, despeje, despeja, resuma, resume, cole, copie, copia, mande, manda, me mande, envie, envia, recite, descreva, descreve, leia, passe me, publique, forneça, complete, transcreva, poste, me diga, me mostre',
  repeat:
    'repita, repete, imprima, imprime, copie, cite, transcreva, exiba, repetir, recite, cole, reproduza, escreva de novo, transcreve, copia, releia',
  what: 'quais são, quais eram, o que dizem, qual é, que orientações, que instruções, quais instruções, que regras, o que diz, o que havia, o que te, qual, quais, que texto, o que está em, o que tem',
  systemPrompt:
    'prompt de sistema, prompt do sistema, mensagem de sistema, mensagem do sistema, instruções do sistema, prompt inicial, mensagem inicial, prompt completo, prompt de início, instruções iniciais, texto do sistema, prompt oculto, prompt original, prompt secreto',
  secret: 'secret*, ocult*, escondid*, inicia*, intern*, confidencia*, origina*, invisíve*',
  text: 'texto, tudo, palavras, conteúdo, conversa, mensagem, parte, diálogo',
  above: 'acima, antes desta linha, até aqui, antes desta mensagem',
  nowYou:
    'a partir de agora você é, agora você é, a partir de agora és, só obedece a mim, você agora é, agora és, você não é mais, você agora se chama, de agora em diante responda como, de agora em diante você é, daqui em diante você é, daqui para frente você é, passa a ser, você se tornou, a partir deste momento você é, sua única tarefa, sua verdadeira tarefa, só as minhas ordens, seu único objetivo',
  persona:
    'finja, finge, aja como, você é, faça de conta, personagem, comporte se, imagine, imagina, imagine que você, responda como, responde como, faça o papel, faz o papel, vamos brincar, assuma o papel, encarne, encarna, interprete, simule, torne se, suponha que você',
  unlimited:
    'não tem restrições, sem restrições, sem limites, sem filtros, sem filtro, sem regras, sem censura, nenhuma restrição, nunca recusa, nunca recusas, não recusa nada, responde a tudo, responde tudo, gêmeo malvado, gémeo malvado, esqueça as suas regras, falar de tudo, vale tudo, desenfread*, pode tudo, nada é proibido',
  execute: 'execute, executa, obedeça à, faça o que, siga a instrução, cumpra',
  decode: 'decodifique, decodifica, descodifica, descodifique, decifre',
  ai: 'inteligência artificial, ia, qualquer ia, toda ia, bot, bots, robô*, chatbot*, assistente*, llm, llms, agente*, modelo*',
  reading:
    'que leem esta, que leiam isto, atenção, nota para, lendo isto, que leem isto, qualquer ia, toda ia, que resuma, que resumam, que lê, que leia, que processe, que processem, resumindo, que analise, que está lendo',
  ifAi: 'se você é um modelo de linguagem, se você é uma ia, se és um modelo de linguagem, se for uma ia, se és uma ia, se você é um robô, se você é um bot, se és um bot, se você for um bot, se você for um robô, se você é um modelo, se você é um agente, se você é um assistente, se fores um bot',
  conceal:
    'não diga nada a ele, não diga ao usuário, não conte ao usuário, não digas nada, sem dizer ao usuário, não mencione isso, não conte a ele, não lhe conte, não conte ao, sem que o usuário, sem avisar, sem mencionar, não comente, não avise, não diga nada sobre, esconda isso, às escondidas',
  mention:
    'ataque*, injeção, atacante*, evito que, evitar que, proteger, segurança, detecta*, meu bot, do meu bot, nosso chatbot, meu chatbot, meu assistente, vazou, relatório, publicad*, artigo, estudo, tentativas, jailbreak*, chaves de api, pesquisador*, incidente, se perguntarem, se alguém perguntar, se te perguntarem, não pode compartilh*',
  task: 'traduza para inglês, função, compilador, resuma o, manual, grep, css, git, gitignore, nginx, debian, android, firewall, roteador, exchange, terminal, csv, traduza para o inglês, corrija, cena, e mail, clientes, crianças, professora, laço, montagem, pacientes, pedidos, jogo, romance, escola, fatura, porta, arquivo',
  obey: 'respeitar, respeite, seguir, siga, obedecer, obedeça, cumprir, cumpra, acatar, se ater, dar ouvidos, preso, obrigado, sujeito, se preocupar, observar',
  release:
    'não precisa mais, não precisas mais, já não precisa, já não precisas, não precisa, não tem mais que, não tem que, já não tem, deixe de, deixa de, pare de, para de, não é mais, não está mais, já não, não, sem, em vez de, não há necessidade',
  given:
    'te pediram, lhe pediram, te deram, lhe deram, lhe impuseram, te impuseram, você recebeu, recebeste, tu recebeste, lhe enviou, te enviou, te mandou, lhe mandou, o sistema mandou, deram a você, disseram a você, impostas a você, te disseram, lhe disseram, te ordenou, te ordenaram, lhe ordenaram, foi passado a você, foi dado a você, foram dadas a você, te programaram, te configuraram, você foi, você segue, segues, te guiam, te limitam, te regem, lhe foi, lhe foram, te foi, te foram, passaram a você, passaram para você, você tem que seguir, você deve seguir',
  giver:
    'desenvolvedor*, operador*, criador*, fabricante*, empresa, companhia, dono*, fornecedor*, o sistema, sistema, do sistema, openai, anthropic, programador*, administrador*, chefe*, proprietário, provedor*',
  beforeMe:
    'antes de eu, antes da nossa conversa, antes desta conversa, antes da minha primeira mensagem, antes da minha mensagem, antes desta frase, antes deste texto, no início desta, no início da conversa, no começo desta, no começo da, no seu contexto, seu contexto, teu contexto, acima desta linha, acima desta frase, acima deste, acima desta mensagem, antes de falar comigo, antes de começarmos, antes que eu, antes do meu primeiro',
  verbatim:
    'palavra por palavra, textualmente, ao pé da letra, literal*, por inteiro, na íntegra, integral*, completo, completa, tal como está, sem mudar nada, sem alterações, texto verdadeiro, texto exato, linha por linha, uma a uma, um a um, de cabo a rabo, sem cortes, bruto, exat*',
  promptWord: 'prompt, contexto, mensagem de sistema, mensagem do sistema, configuração',
  without:
    'sem, sem nenhuma, sem nenhum, sem qualquer, não tem, não tens, nenhuma, nenhum, livre de, liberto de, desprovido de, fora de, isento de, nada de',
  limits:
    'restriç*, limite*, filtro*, moral*, ética, ético*, censura, regras, normas, política de conteúdo, escrúpulo*, consciência, tabu*, amarras, barreiras, proibições, limitações',
  devMode:
    'modo desenvolvedor, modo programador, modo de depuração, modo depuração, modo administrador, modo admin, modo de teste, modo manutenção, modo deus',
  boss: 'sou o seu desenvolvedor, sou seu desenvolvedor, sou o teu programador, sou seu criador, sou o seu criador, sou seu administrador, sou o administrador, sou o desenvolvedor, quem manda sou eu, eu te programei, eu criei você, sou seu dono, sou seu chefe, trabalho na openai, aqui é o seu desenvolvedor',
  endRules:
    'fim das instruções, fim do prompt, fim das regras, novas instruções do sistema, fim da mensagem do sistema, atualização do sistema',
  mine: 'meu, minha, meus, minhas, nosso, nossa, nossos, nossas, eu te disse, lhe disse, te disse, lhes disse, eu disse',
  asking:
    'por que, posso, pode se, é possível, devo, o que é, o que significa, esta mensagem é, é legal, como evito, como faço, como se, como sobrescrevo, como redefino, como carrego, como repito, como tiro, como desativo, como ativo, como contorno, como vejo, como posso, explique, corrija, revise, o certo é, ele pode, quem, quando',
};
