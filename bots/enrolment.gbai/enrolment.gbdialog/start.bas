' Which course, and how to answer: in a form, or one question at a time.

INCLUDE "enrol.bas"

HEAR course AS courses.csv WITH "Hello ${username}! Which course would you like to take?"
IF seats_left(course) < 1 THEN
  TALK "**${course}** is full, sorry. Write to me again for another one."
  END
END IF

HEAR way AS "A form", "One question at a time" WITH "${course}: ${seats_left(course)} seats left. How would you like to sign up?"
IF way = "A form" THEN
  TALK {form: {name: "enrolment", title: course, submitLabel: "Enrol", fields: [
    {name: "course", label: "Course", type: "choice", choices: PLUCK((FIND "courses.csv"), "course"), initial: course, isRequired: TRUE},
    {name: "person", label: "Your name", type: "text", initial: username, isRequired: TRUE},
    {name: "email", label: "E-mail", type: "email", isRequired: TRUE},
    {name: "phone", label: "Phone", type: "phone"},
    {name: "birth", label: "Date of birth", type: "date", isRequired: TRUE},
    {name: "newsletter", label: "Tell me about new courses", type: "boolean"}
  ]}}
  END
END IF

HEAR person AS NAME WITH "What is your name?"
HEAR email AS EMAIL WITH "Your e-mail address?"
HEAR phone AS PHONE WITH "A phone number, in case something changes?"
HEAR birth AS DATE WITH "When were you born?"
DO WHILE AGE(birth) < 16
  HEAR birth AS DATE WITH "Our courses begin at 16 years. When were you born?"
LOOP
HEAR newsletter AS BOOLEAN WITH "May we tell you about new courses?"

BEGIN TALK
Please check:
- Course: ${course}
- Name: ${person}
- E-mail: ${email}
- Phone: ${phone}
- Born: ${FORMAT(birth, "dd/MM/yyyy")}
END TALK
HEAR sure AS BOOLEAN WITH "Is that right?"
IF sure THEN
  enrol(course, person, email, phone, birth, newsletter)
ELSE
  TALK "Then nothing is saved. Write to me to begin again."
END IF
