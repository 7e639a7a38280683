' The one place that enrols somebody, whatever way their answers came.

TABLE enrolments
  course string(80)*
  person string(120)*
  email email*
  phone phone
  birth date
  newsletter boolean
  enrolled datetime
END TABLE

FUNCTION seats_left(course)
  DIM offered
  offered = FIND ONE "courses.csv" WHERE course = course
  RETURN offered.seats - COUNT(FIND "enrolments" WHERE course = course)
END FUNCTION

SUB enrol(course, person, email, phone, birth, newsletter)
  DIM already, offered
  already = FIND ONE "enrolments" WHERE course = course AND email = email
  IF NOT already IS NULL THEN
    TALK "${email} is enrolled in **${course}** already. See you there!"
    EXIT SUB
  END IF
  IF seats_left(course) < 1 THEN
    TALK "**${course}** is full, sorry. Write to us and we put you on the list."
    EXIT SUB
  END IF

  SAVE "enrolments", course, person, email, phone, birth, newsletter, enrolled = NOW
  offered = FIND ONE "courses.csv" WHERE course = course
  begins = FORMAT(offered.begins, "dd/MM/yyyy")
  TALK "Done, ${person}: **${course}**, from ${begins}."
  TRY
    BEGIN MAIL email
Subject: ${course}: you are in

Dear ${person},

you have a seat in **${course}**. We begin on ${begins} at 18:00.

See you there!
    END MAIL
    TALK "All about it is on its way to ${email}."
  CATCH problem
    LOG "mail to " + email + ": " + problem.message
    TALK "The mail could not be sent, so keep this message."
  END TRY
END SUB
