import { startOnly, type Template } from './template.ts';

export const api: Template = {
  id: 'api',
  title: 'template.apiTitle',
  text: 'template.apiText',
  files: startOnly(
    `' Asks a public service for the weather. Replace the address by one of your own.
HEAR city WITH "Of which city would you like to know the weather?"

TRY
  places = GET "https://geocoding-api.open-meteo.com/v1/search?count=1&name=" + URLENCODE(city)
  IF NOT places.results THEN
    TALK "I do not know a city called \${city}."
  ELSE
    place = places.results[0]
    answer = GET "https://api.open-meteo.com/v1/forecast?current=temperature_2m,wind_speed_10m&latitude=\${place.latitude}&longitude=\${place.longitude}"
    TALK "In **\${place.name}**, \${place.country}, it is \${answer.current.temperature_2m} °C, with \${answer.current.wind_speed_10m} km/h of wind."
  END IF
CATCH problem
  TALK "The weather service did not answer: \${problem.message}"
END TRY
`,
    `' Pergunta o tempo a um serviço público. Troque o endereço pelo seu.
HEAR cidade WITH "De qual cidade você quer saber o tempo?"

TRY
  lugares = GET "https://geocoding-api.open-meteo.com/v1/search?count=1&language=pt&name=" + URLENCODE(cidade)
  IF NOT lugares.results THEN
    TALK "Não conheço uma cidade chamada \${cidade}."
  ELSE
    lugar = lugares.results[0]
    resposta = GET "https://api.open-meteo.com/v1/forecast?current=temperature_2m,wind_speed_10m&latitude=\${lugar.latitude}&longitude=\${lugar.longitude}"
    TALK "Em **\${lugar.name}**, \${lugar.country}, faz \${resposta.current.temperature_2m} °C, com vento de \${resposta.current.wind_speed_10m} km/h."
  END IF
CATCH problema
  TALK "O serviço do tempo não respondeu: \${problema.message}"
END TRY
`,
  ),
};
