"""First names and words for relatives, in the languages of calendars: data only, so that "Bob on vacation" is known to be about
Bob. Names that are also cities or everyday words are left out; `rules.whose` treats those with more care."""

FIRST_NAMES = """
Aaron Abby Abdul Abigail Ada Adam Adele Adrian Adriana Agata Agnes Agnieszka Ahmed Ahmet Aino Aisha Aiko Akira Alain Alan
Alberto Aleksander Aleksandra Alejandro Alessandra Alessandro Alessia Alex Alexander Alexandra Alexandre Alexandros Alexis
Alfonso Alfred Ali Alice Alicia Alina Alison Aleksi Allan Alma Alvaro Amanda Amal Amelia Amelie Amina Amir Amy Ana Anastasia
Anders Andrea Andreas Andrei Andres Andrew Andrzej Andy Angela Angelika Angelo Anil Anita Anja Anke Ann Anna Annabel Anne
Annette Annika Ansgar Anton Antonia Antonio Anya Antoine Arjun Armin Arne Arnaud Arthur Artur Arturo Astrid Aurelie Axel Ayse
Aysel Aylin Barbara Barbora Bart Bartek Bastian Beata Beate Beatrice Beatriz Ben Benedikt Benedict Benjamin Benoit Bernd
Bernhard Bert Beth Betty Bianca Birgit Bjorn Bob Bogdan Boris Brandon Brenda Brian Brigitte Bruno Bryan Caitlin Camila
Camille Carina Carl Carla Carlo Carlos Carmen Carol Carole Carolina Caroline Carolyn Cathy Cecilia Cecile Cedric Celine
Chiara Chantal Charles Charlie Chris Christa Christian Christiane Christina Christine Christoph Christophe Christopher Claire
Clara Claudia Claudio Claus Clemens Clement Colin Connor Corinna Cornelia Craig Cristian Cristina Dagmar Dagny Damian Damien
Dan Dana Daniel Daniela Daniele Danielle Danny Daphne Dario Darius Dave David Davide Dawid Deborah Debra Deepak Delphine
Denise Dennis Derek Detlef Diana Diane Dick Dieter Dietmar Dimitri Dirk Dmitri Dominik Dominique Donald Donna Dora Doris
Dorota Dorothea Doug Douglas Dylan Ebba Eddie Edgar Edith Eduardo Edward Edwin Eileen Elaine Elena Eleanor Eleni Eli Elias
Elif Elin Elisa Elisabeth Elise Eliza Elizabeth Ella Ellen Elke Elodie Elsa Emil Emilia Emilie Emily Emine Emma Emmanuel
Enrico Enrique Eric Erica Erich Erik Erika Erin Ernesto Ernst Erwin Esther Esteban Ethan Etienne Eva Evan Eve Evelyn Ewa
Fabian Fabio Fabienne Fabrice Fatima Fatma Federica Federico Felicitas Felipe Felix Ferdinand Fernanda Fernando Filip Filippo
Finn Fiona Flavia Florian Francesca Francesco Franck Franco Francois Francoise Frank Franz Fred Frederic Frederik Frieda
Friedrich Fritz Gabriel Gabriela Gabriele Gareth Gary Gavin Geert Gemma Genevieve Geoff George Georg Georges Gerald Gerard
Gerd Gerhard Gert Giacomo Gilles Gina Giorgio Giovanni Giulia Giulio Giuseppe Gisela Gloria Gonzalo Gordon Grace Graham Greg
Greta Gregor Gregory Grzegorz Guido Guillaume Guillermo Gunnar Gunter Gustav Hakan Hana Hannah Hanna Hanne Hannes Hans Harald
Harry Hasan Heather Hector Heidi Heike Heiko Heinz Helen Helena Helene Helga Helmut Hendrik Henning Henri Henriette Henrik
Henry Herbert Hermann Hilde Hiroshi Holger Howard Hubert Hugo Hussein Ian Ibrahim Ida Ignacio Igor Ilona Ilse Ina Ines Inge
Ingo Ingrid Irena Irene Irina Isaac Isabel Isabella Isabelle Ismail Ivan Ivana Jack Jacob Jacek Jacques Jadwiga Jaime Jakob
Jakub James Jan Jana Jane Janet Janina Janine Janne Jari Jasmin Jason Javier Jean Jeff Jennifer Jenny Jens Jeremy Jerome
Jerry Jesper Jesse Jessica Jesus Jill Jim Jimmy Jo Joachim Joan Joana Joanna Joao Jochen Joe Joel Joerg Jorg Johan Johanna
Johannes John Johnny Jonas Jonathan Jorge Jose Josef Joseph Joshua Joyce Juan Juana Juha Judith Julia Julian Juliane Julie
Julien Julio Jurgen Juergen Justin Justyna Kai Kamil Karen Karim Karin Karina Karl Karolina Kasia Katarina Katarzyna Kate
Katharina Katherine Kathleen Kathrin Kathy Katja Katrin Kay Keith Kelly Ken Kenji Kenneth Kerstin Kevin Khaled Kim Klaas
Klara Klaus Konrad Konstantin Kristian Kristin Kristina Krzysztof Kumar Kurt Kyle Lara Larry Lars Lasse Laura Laurence
Laurent Laurie Lea Leah Lena Lennart Leo Leon Leonard Leonardo Leonie Lidia Liam Lilly Lily Linda Linus Linnea Lisa Lise Liz
Logan Lorena Lorenzo Lothar Lou Louis Louisa Louise Luc Luca Lucas Lucia Luciana Lucie Lucy Ludwig Luigi Luis Luisa Lukas
Lukasz Luke Lydia Lynn Maarten Maciej Mads Magda Magdalena Magnus Malgorzata Malte Manfred Manon Manuel Manuela Marc Marcel
Marcela Marcin Marco Marcos Marcus Marek Margaret Margarita Margit Margot Margrit Maria Mariam Marianna Marianne Marie Marija
Marina Mario Marion Marius Marjan Mark Marko Markus Marlene Marta Martha Martin Martina Martine Mary Mateo Mateusz Mathias
Mathieu Mathilde Matt Matteo Matthew Matthias Matti Maurice Mauricio Max Maxim Maxime Maya Mehmet Meike Melanie Melissa Merle
Mia Michael Michal Michel Michele Michelle Miguel Mikael Mike Mikko Mila Minna Miriam Mirjam Mirko Mohamed Mohammed Moira
Molly Monica Monika Monique Moritz Morten Muhammad Murat Mustafa Nadia Nadine Naomi Natalia Natalie Natasha Nathan Neha Neil
Nele Nelly Niall Nicola Nicolas Nicole Niels Nigel Nika Nikhil Nikita Niklas Niko Nikola Nikolai Nils Nina Noah Noemi Nora
Norbert Norman Nuno Ola Olaf Ole Oleg Olga Oliver Olivia Olivier Omar Oscar Oskar Oswald Otto Pablo Pam Pamela Paola Paolo
Pascal Patricia Patrick Patrik Paul Paula Paulina Pauline Paulo Pavel Pawel Pedro Peggy Penny Pete Peter Petr Petri Phil
Philip Philipp Philippe Pia Piero Pierre Pieter Piotr Priya Przemek Quentin Rachel Rafael Raj Rahul Rainer Ralf Ralph Ramona
Ramon Raphael Rashid Raul Ravi Raymond Rebecca Regina Regine Reiner Reinhard Rene Renata Renate Ricardo Richard Rick Rita Rob
Robert Roberta Roberto Robin Rodrigo Roger Roland Rolf Romain Roman Ron Ronald Ronja Rosa Rosie Roswitha Roxana Ruben Rudolf
Rui Rupert Ruth Ryan Sabina Sabine Sabrina Sally Salma Sam Samantha Samir Samira Samuel Sander Sandra Sandy Sanjay Sara Sarah
Sascha Sean Sebastian Sergei Sergio Seth Shane Shannon Sharon Shaun Sheila Shreya Sigrid Silke Silvia Simon Simona Simone
Sina Sinead Sonja Sonia Sophia Sophie Soren Stacy Stan Stefan Stefania Stefanie Steffen Stella Stephan Stephane Stephanie
Stephen Steve Steven Stuart Sue Sunil Susan Susana Susanna Susanne Suzanne Sven Svenja Swati Sylvia Sylvie Sylwia Takashi
Tamara Tanja Tanya Tara Tatiana Ted Teresa Terry Thea Theo Theresa Theodor Thierry Thomas Thorsten Tiago Tilman Tim Timo
Timothy Tina Tobias Tobi Todd Tom Tomas Tomasz Tommy Toni Tony Torben Torsten Tracy Trevor Udo Ulrich Ulrike Ulla Umberto
Ursula Ute Uwe Valentin Valentina Valerie Vanessa Vera Verena Veronica Veronika Veronique Vicky Victor Vijay Viktor Viktoria
Vincent Vincenzo Violeta Virginie Vivian Vladimir Volker Walter Waltraud Wanda Wei Wendy Werner Wiebke Wilhelm Will Willem
William Wojciech Wolfgang Xavier Yann Yannick Yasmin Yasmine Yolanda Yuki Yusuf Yves Yvonne Zoe Zofia Zuzanna Zeynep Takeshi
Yuko Haruka Satoshi Naoko Kaori Minji Jiwoo Zhang Chen Meier Mueller Müller Schmidt Schneider Smith Johnson Garcia Rossi
Nowak Kowalski Kowalska Hansen Jensen Andersson Johansson Nguyen Patel Singh Tanaka Suzuki Sato Yamada Yamamoto Watanabe Ito
田中 佐藤 鈴木 高橋 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤 清水 김철수 이영희 박지훈 민수
지우 王伟 王 李 张伟 李娜 张 刘 陈 دינה דנה יוסי محمد أحمد سارة
فاطمة Jamal Kemal Joost Malin Chloe Aya Ayumi Aziz Babak Bilal Birgitta Bongani Cem Chidi Chinedu Ciara Conor Daan Dagmara
Deniz Devi Dmitry Ece Elina Emeka Emre Enzo Erkan Esra Eszter Fadi Femke Fatou Gergely Gokhan Gosia Hamid Hamza Hassan Henk
Hanneke Ilaria Imran Inga Iris Ishaan Iwona Jeroen Jelena Joris Jolanta Jovana Kaito Kaja Kalle Kari Karthik Kasper Kavita
Keiko Kenta Khalid Kiran Klaudia Kofi Kwame Laila Lakshmi Latifa Layla Leila Lieke Ling Lorenza Lotta Ludovic Mahmoud Malik
Manish Mareike Marije Mariko Mariusz Martijn Maud Mehdi Meera Mei Milena Ming Miroslav Mohan Nadja Nana Nikos Nadeem Ngozi
Nisha Nour Oksana Olena Omer Oriol Osman Pekka Perrine Pooja Pontus Prakash Pranav Quynh Rajesh Rania Reza Rik Rohit Rohan
Roos Rutger Ryo Sadia Safiya Sakura Salim Sanna Saskia Selim Serhat Shira Sho Siddharth Signe Siiri Slawomir Stijn Sonali
Suresh Svetlana Szymon Tadeusz Taro Tatsuya Teun Thabo Thijs Thuy Tomoko Tariq Umar Veera Vikram Ville Wout Xin Yara Yael
Yannis Yosef Yoko Yumi Zahra Zaid Zbigniew Oluwaseun Amara Ama Akosua Ayodele Noa Uri Eitan Shlomo Avi Moshe Tamar Rivka
Rocio Itziar Iker Ainhoa Jordi Montserrat Nuria Rafa Paco Pepe Lupe Ximena Joaquin Thiago Vinicius Leticia Larissa Rafaela
Bruna Caio Davi Beatrix Niamh Siobhan Aoife Callum Hamish Ewan Rhys Gwen Harriet Imogen Freya Poppy Archie Alfie Ollie Jess
Nick Nico Vince Vic Val Gabi Manu Alexa Lexi Maddie Josh Zach Zack Jake Luka Mateja Petra Ondrej Jiri Jitka Lenka Vaclav
Zdenek Marketa Radek Stepan Vojtech Antti Heikki Jukka Kaisa Pirjo Tuomas Mette Rasmus Lone Birthe Jeppe Oyvind Havard
Ingvild Solveig Trond Ragnar Nathalie Odile Sylvain Ghislaine Aurore Piet Kees Wim Joop Sjoerd Anouk Maaike Marloes Tomek
Bartosz Jarek Darek Ania Basia Zosia Novak Novotny Svoboda Dvorak Virtanen Korhonen Nieminen Olsen Larsen Pedersen Nielsen
Eriksen Yilmaz Kaya Demir Celik Fernandez Gonzalez Rodriguez Lopez Martinez Sanchez Perez Gomez Bianchi Esposito Ricci Dubois
Durand Moreau Bernard Dupont Lefebvre Weber Becker Schulz Hoffmann Schafer Krause Zimmermann Hofmann Hartmann Wisniewski
Wojcik Kaminski Lewandowski Silva Oliveira Ferreira Pereira Almeida Svensson Karlsson Nilsson Eriksson Jansen Bakker Visser
Mulder Smit Okafor Okonkwo Nwosu Mensah Banerjee Chatterjee Iyer Reddy Gupta Sharma Verma Kapoor Desai Bobby Robbie Billy
Hank Wyatt Caleb Aiden Sofie Sanne Bram Jantje
"""

RELATIVES = """
mom, mum, mommy, mummy, dad, daddy, parents, mother, father, grandma, grandpa, granny, grandparents, nana, kid, kids, child,
children, son, daughter, wife, husband, hubby, girlfriend, boyfriend, brother, sister, in-laws, mother-in-law,
parents-in-law, nephew, niece, cousin, uncle, aunt, auntie, nanny, au pair, babysitter, dog, cat, cleaner, dogsitter, Mama,
Papa, Mutti, Vati, Mutter, Vater, Eltern, Schwiegereltern, Oma, Opa, Großeltern, Kind, Kinder, Sohn, Tochter, Frau, Ehefrau,
Mann, Freundin, Bruder, Schwester, Schwager, Neffe, Nichte, Onkel, Tante, Putzfrau, Hausmeister, Tagesmutter, Praxis,
Haushaltshilfe, Gärtner, gardener, neighbors, neighbours, Nachbarn, voisins, vecinos, maman, beaux-parents, mère, père, mamie,
papi, grands-parents, enfants, fils, fille, femme, mari, frère, sœur, mamá, papá, padres, suegros, abuela, abuelo, abuelos,
niños, hijos, hijo, hija, mujer, marido, hermano, hermana, novia, novio, mamma, babbo, genitori, suoceri, nonna, nonno,
nonni, bambini, figli, figlio, figlia, moglie, marito, fratello, sorella, ouders, schoonouders, opa en oma, kinderen, zoon,
dochter, vrouw, broer, zus, mãe, pai, pais, sogros, avó, avô, avós, crianças, filhos, filho, filha, esposa, irmão, irmã,
föräldrar, svärföräldrar, mormor, farmor, morfar, farfar, barnen, barn, frun, maken, rodzice, teściowie, babcia, dziadek,
dziadkowie, dzieci, syn, córka, żona, mąż, brat, siostra, 両親, 母, 父, 妻, 夫, 子供, 子ども, 息子, 娘, 祖母, 祖父, 부모님,
아내, 남편, 아이들, 父母, 孩子, 老婆, 老公
"""

ROLES = """
boss, CEO, CFO, CTO, COO, VP, my manager, manager, director, landlord, colleague, colleagues, coworker, co-worker, Chef,
Chefin, Kollege, Kollegin, Kollegen, Vorgesetzter, patron, collègue, jefe, jefa, compañero, compañera, capo, collega, baas,
chefe, szef, szefowa, kollega, chefen, 社長, 部長, 課長, 上司, 同僚, assistant, my assistant, team lead, teamlead,
tech lead, trainee,
Praktikant, Praktikantin, Azubi, Werkstudent, Werkstudentin, Assistentin, Sekretärin, Teamleiter, Teamleiterin, stagiaire,
becario, becaria, stagista, stagiair, praktykant, praktikant, 老板, 经理, 总监, 同事, 사장, 부장, 팀장, 대표
"""
